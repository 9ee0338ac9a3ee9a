import Foundation
import LoginFlow
import Testing

/// `scripts/fuzz return-to --against chromium` asks the same about a million paths.
@Suite(.timeLimit(.minutes(5))) struct ReturnToTests {
    /// What has deceived some parser of URLs or other.
    private static let pieces = [
        "/", "//", "\\", "%2f", "%5C", "..", "%2e%2e", ".", "@", ":", "evil.example", "\t", "\n", "%09", "%00", "?",
        "#", ";",
    ]

    @Test("RD-09 what is accepted leads to our own origin in Chromium, from corpus and mutations")
    func staysInChromium() async throws {
        let paths = try Self.accepted()
        // Otherwise the comparison says nothing.
        try #require(paths.count > 1000)
        try await WebDriver.withBrowser(screenshots: "return-to") { browser in
            let foreign = try await Self.foreign(paths + ["//evil.example/control"], browser)
            #expect(foreign == ["//evil.example/control"])
        }
    }

    /// The paths of the corpus with each piece at each place, as far as they are accepted.
    private static func accepted() throws -> [String] {
        let folder = Repository.root.appending(path: "Fuzz/Corpora/return-to")
        var accepted: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let seed = String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
            let characters = Array(seed.prefix(24))
            for place in 0...characters.count {
                for piece in [""] + pieces {
                    let candidate = String(characters[..<place]) + piece + String(characters[place...])
                    if ReturnTo(candidate) != nil { accepted.insert(candidate) }
                }
            }
        }
        return Array(accepted.sorted().prefix(20_000))
    }

    /// Those that leave the origin, or come to a path that begins with two slashes.
    private static func foreign(_ paths: [String], _ browser: WebDriver) async throws -> [String] {
        let body = """
            const base = "https://app.example/callback?code=a";
            return arguments[0].filter(path => {
                try {
                    const url = new URL(path, base);
                    return url.origin !== "https://app.example" || url.pathname.startsWith("//");
                } catch { return true; }
            });
            """
        guard let foreign = try await browser.evaluate(body, [paths]) as? [String] else {
            throw BrowserTestError("the browser has not answered")
        }
        return foreign
    }
}
