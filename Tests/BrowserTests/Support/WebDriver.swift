import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A headless Chromium, driven over the WebDriver protocol (W3C Recommendation of 5 June 2018).
struct WebDriver: Sendable {
    /// The address of the session at chromedriver.
    private let session: URL
    private let folder: URL

    /// Runs a body with a browser of its own; it fails when there is none, and says what to install.
    ///
    /// Screenshots go to `.test-cache/screenshots/NAME/`.
    static func withBrowser(screenshots name: String, _ body: (WebDriver) async throws -> Void) async throws {
        let driver = try await OutsideProgram(program("chromedriver"), ["--port=0"])
        do {
            let port = try await driver.firstLine { line in
                line.firstMatch(of: /started successfully on port (\d+)/).map { String($0.output.1) }
            }
            guard let server = URL(string: "http://127.0.0.1:\(port)") else { throw BrowserTestError("no URL") }
            let browser = try await WebDriver(server: server, folder: Repository.screenshots.appending(path: name))
            do {
                try await body(browser)
            } catch {
                // What was on the screen tells more than the error.
                try? await browser.screenshot("failure")
                try? await browser.quit()
                throw error
            }
            try await browser.quit()
        } catch {
            await driver.stop()
            throw error
        }
        await driver.stop()
    }

    private init(server: URL, folder: URL) async throws {
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        let chromium = try Self.program("chromium").path
        let options: [String: Any] = [
            "binary": chromium,
            // The sandbox needs a user other than root; only pages of this machine are opened.
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=900,900"],
        ]
        let capabilities = ["alwaysMatch": ["browserName": "chrome", "goog:chromeOptions": options]]
        let answer = try await Self.send("POST", server.appending(path: "session"), ["capabilities": capabilities])
        guard let id = (answer as? [String: Any])?["sessionId"] as? String else {
            throw BrowserTestError("chromedriver has started no session")
        }
        session = server.appending(path: "session/\(id)")
        // Finding an element waits this long for it: pages change while they are looked at.
        _ = try await command("timeouts", ["implicit": 30_000, "pageLoad": 60_000])
    }

    private static func program(_ name: String) throws -> URL {
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return URL(fileURLWithPath: path) }
        }
        throw BrowserTestError("\(name) is missing; install it: apt-get install chromium chromium-driver")
    }

    private func quit() async throws {
        _ = try await Self.send("DELETE", session, nil)
    }
}

// MARK: What a person does

extension WebDriver {
    func open(_ url: URL) async throws {
        _ = try await command("url", ["url": url.absoluteString])
    }

    /// Goes back to the page before.
    func back() async throws {
        _ = try await command("back", [:])
    }

    func click(_ selector: String) async throws {
        _ = try await command("element/\(try await element(selector))/click", [:])
    }

    func type(_ text: String, into selector: String) async throws {
        _ = try await command("element/\(try await element(selector))/value", ["text": text])
    }

    /// Waits until an element shows exactly this text, which has no quotation marks.
    ///
    /// A click returns before the next page has come: only what that page alone shows tells that it has.
    func wait(for text: String) async throws {
        do {
            _ = try await element("//body//*[normalize-space()=\"\(text)\"]", by: "xpath")
        } catch {
            throw BrowserTestError("the page does not show \"\(text)\" but:\n\(try await self.text())")
        }
    }

    /// The text of an element as it is seen.
    func text(_ selector: String = "body") async throws -> String {
        try await value("element/\(try await element(selector))/text")
    }

    /// Where the address bar is.
    func location() async throws -> URL {
        guard let url = URL(string: try await value("url")) else { throw BrowserTestError("no address") }
        return url
    }

    /// The JSON of the cookies that the page would send, the unreadable ones included.
    func cookies() async throws -> [[String: Any]] {
        try await Self.send("GET", session.appending(path: "cookie"), nil) as? [[String: Any]] ?? []
    }

    /// What the body of a function returns for these `arguments`; for what no person does, such as asking the parser of
    /// URLs.
    func evaluate(_ body: String, _ arguments: [Any]) async throws -> Any {
        try await command("execute/sync", ["script": body, "args": arguments])
    }

    /// Deletes a cookie of the page's site.
    func forgetCookie(_ name: String) async throws {
        _ = try await Self.send("DELETE", session.appending(path: "cookie/\(name)"), nil)
    }

    /// Leaves a picture for people to look at; the number keeps them in order.
    func screenshot(_ name: String) async throws {
        guard let data = Data(base64Encoded: try await value("screenshot")) else {
            throw BrowserTestError("no screenshot")
        }
        let number = try FileManager.default.contentsOfDirectory(atPath: folder.path).count + 1
        try data.write(to: folder.appending(path: "\(number)-\(name).png"))
    }
}

// MARK: The protocol

extension WebDriver {
    /// The name under which an element comes, section 11.
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

    private func element(_ selector: String, by strategy: String = "css selector") async throws -> String {
        let answer = try await command("element", ["using": strategy, "value": selector])
        guard let id = (answer as? [String: Any])?[Self.elementKey] as? String else {
            throw BrowserTestError("no element \(selector)")
        }
        return id
    }

    private func command(_ path: String, _ body: [String: Any]) async throws -> Any {
        try await Self.send("POST", session.appending(path: path), body)
    }

    private func value(_ path: String) async throws -> String {
        guard let text = try await Self.send("GET", session.appending(path: path), nil) as? String else {
            throw BrowserTestError("\(path) is not a text")
        }
        return text
    }

    private static func send(_ method: String, _ url: URL, _ body: [String: Any]?) async throws -> Any {
        // Not URLSession: it can't read chromedriver's headers.
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = .RAW(value: method)
        if let body {
            request.body = .bytes(try JSONSerialization.data(withJSONObject: body))
            request.headers.add(name: "Content-Type", value: "application/json")
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(90))
        let bytes = try await response.body.collect(upTo: 32 << 20)
        let answer = try JSONSerialization.jsonObject(with: Data(bytes.readableBytesView)) as? [String: Any]
        guard response.status == .ok, let value = answer?["value"] else {
            let problem = answer?["value"] as? [String: Any]
            throw BrowserTestError("\(method) \(url.path): \(problem?["message"] ?? "no answer")")
        }
        return value
    }
}
