import Foundation
import OpenIDConnect
import PrivatePostgres
import ScriptedProvider
import Testing

/// The secrets that a run had, and where they are looked for.
struct LeakHunt {
    /// By what they are.
    private(set) var secrets: [String: String] = [:]
    /// Bodies of answers.
    var answers: [String] = []
    /// What commands wrote.
    var outputs: [String] = []

    /// Adds a secret, and what it is sent as.
    mutating func add(_ name: String, _ secret: String?) throws {
        let secret = try #require(secret, "\(name)")
        try #require(secret.utf8.count >= 20, "\(name) could be found by accident")
        secrets[name] = secret
    }

    /// Adds what a query has, decoded.
    mutating func add(_ names: [String], ofQuery url: String?) throws {
        let address = try #require(url)
        let items = try #require(URLComponents(string: address)?.queryItems)
        for name in names {
            let value = items.first { $0.name == name }?.value
            try add("\(name) \(secrets.count)", value)
        }
    }

    /// What of a secret is enough to have leaked it: its end, because the beginnings of all JWTs are the same.
    private var marks: [String: String] { secrets.mapValues { String($0.suffix(20)) } }

    /// Expects that a text has none of them, in clear or encoded.
    func expectNone(in text: String, _ place: String) {
        #expect(!text.isEmpty, "nothing to look at: \(place)")
        for (name, mark) in marks {
            #expect(!text.contains(mark), "\(name) is in \(place)")
            let encoded = mark.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? mark
            #expect(!text.contains(encoded), "\(name), encoded, is in \(place)")
        }
    }

    /// Expects that no file below a directory has any of them.
    ///
    /// - Parameter control: what must be found, or the search says nothing.
    func expectNone(below directory: URL, except: [String], control: String) async throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "leaks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let patterns = scratch.appending(path: "patterns")
        try Data(marks.values.joined(separator: "\n").utf8).write(to: patterns)
        let options = ["--recursive", "--text", "--fixed-strings", "--only-matching"]
        let excluded = except.map { "--exclude=\($0)" }
        let found = try await grep(options + excluded + ["--file", patterns.path, directory.path], scratch)
        for line in found.split(separator: "\n") {
            let name = marks.first { line.hasSuffix($0.value) }?.key ?? "?"
            Issue.record("\(name) is in \(line.prefix { $0 != ":" })")
        }
        let seen = try await grep(options + ["--regexp", control, directory.path], scratch)
        #expect(!seen.isEmpty, "the search finds nothing at all")
    }

    private func grep(_ arguments: [String], _ scratch: URL) async throws -> String {
        var command = Command("/usr/bin/grep", arguments)
        let output = scratch.appending(path: UUID().uuidString)
        command.output = output.path
        let process = try await ChildProcess.start(command)
        let exit = await process.waitForExit(within: .seconds(300))
        // 1: nothing found.
        #expect(exit == .code(0) || exit == .code(1))
        return (try? String(contentsOf: output, encoding: .utf8)) ?? ""
    }
}

extension RecordedRequest {
    /// The token of an Authorization field.
    var credentials: String? {
        request.header("Authorization").flatMap { $0.split(separator: " ").last }.map(String.init)
    }
}
