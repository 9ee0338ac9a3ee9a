import Crypto
import Foundation
import TestSupport
import Testing

/// The main job from outside: a real browser, the real program, providers that others wrote, a real database.
@Suite(.serialized, .timeLimit(.minutes(8))) struct BrowserLoginTests {
    @Test(
        "a browser signs in, survives a restart of the program, and signs out",
        arguments: [.djangoOAuthToolkit] + ThirdPartyProvider.canaille
    )
    func completeLogin(provider: ThirdPartyProvider) async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { database in
            let port = try FreePort.find()
            let origin = "http://localhost:\(port)"
            try await provider.run(
                redirectURI: origin + "/callback",
                postLogoutRedirectURI: origin + "/logged-out"
            ) { settings in
                let environment = settings.merging([
                    "DATABASE_URL": database, "BASE_URL": origin, "PORT": "\(port)", "ADMIN_PORT": "0",
                    "SESSION_SECRET": randomSecret(),
                ]) { $1 }
                try await WebDriver.withBrowser(screenshots: provider.testDescription) { browser in
                    try await signIn(browser, provider: provider, database: database, environment: environment)
                    try await returnAndSignOut(
                        browser,
                        provider: provider,
                        database: database,
                        environment: environment
                    )
                }
            }
        }
    }

    @Test("RL-09 the development backend signs in who is chosen, tells who denies, and shows nobody on going back")
    func development() async throws {
        try await Repository.withTemporaryDirectory { folder in
            let directory = folder.appending(path: "dev")
            let port = try FreePort.find()
            try await WebDriver.withBrowser(screenshots: "dev") { browser in
                try await withProgram(try await .dev(directory: directory, port: port)) { program in
                    try await browser.open(program.origin)
                    try await browser.screenshot("start")
                    try await browser.click("a.button")
                    try await browser.wait(for: "Sign in to oidc-sessions")
                    try await browser.screenshot("who")
                    try await browser.click("button[name=deny]")
                    try await browser.wait(for: "The sign-in provider did not sign you in.")
                    try await browser.screenshot("denied")

                    try await browser.open(program.origin)
                    try await browser.click("a.button")
                    try await browser.click("button[value=user-grace]")
                    try await browser.wait(for: "You are signed in as Grace Hopper")
                    try await browser.screenshot("signed-in")
                    try await endOtherSession(browser, program.origin)
                }
                try await withProgram(try await .dev(directory: directory, port: port)) { program in
                    try await browser.open(program.origin)
                    try await browser.wait(for: "You are signed in as Grace Hopper")
                    try await browser.screenshot("after-restart")
                    try await browser.click("form[action='/logout'] button")
                    try await browser.wait(
                        for: "You are signed in as Grace Hopper. oidc-sessions asks to end the session."
                    )
                    try await browser.screenshot("provider-sign-out")
                    try await browser.click("button[value=yes]")
                    try await browser.wait(for: "You are signed out")
                    try await browser.screenshot("signed-out")
                    try await goBack(browser, program.origin)
                }
            }
        }
    }
}

extension BrowserLoginTests {
    /// Goes back from where somebody has signed out, as far as to the page that showed who was signed in.
    private func goBack(_ browser: WebDriver, _ origin: URL) async throws {
        for _ in 0..<6 {
            try await browser.back()
            let location = try await browser.location()
            guard location.port == origin.port, ["/", ""].contains(location.path) else { continue }
            try await browser.wait(for: "You are not signed in.")
            try await browser.screenshot("back")
            return
        }
        throw BrowserTestError("the start page is not among the last six")
    }

    /// Signs in once more, as another browser of the same person would, and ends the first session from the list.
    private func endOtherSession(_ browser: WebDriver, _ origin: URL) async throws {
        try await browser.forgetCookie("oidc_session")
        try await browser.open(origin)
        try await browser.click("a.button")
        try await browser.click("button[value=user-grace]")
        try await browser.wait(for: "You are signed in as Grace Hopper")
        try await browser.click("a[href='/sessions']")
        try await browser.wait(for: "2 browsers are signed in.")
        try await browser.screenshot("sessions")
        try await browser.click("li:nth-child(2) form[action$='/revoke'] button")
        try await browser.wait(for: "Only this browser is signed in.")
        try await browser.screenshot("sessions-one")
        try await browser.open(origin)
    }

    private func signIn(
        _ browser: WebDriver,
        provider: ThirdPartyProvider,
        database: String,
        environment: [String: String]
    ) async throws {
        try await withProgram(try await .serve(environment)) { program in
            try await browser.open(program.origin)
            try await browser.wait(for: "You are not signed in.")
            try await browser.screenshot("start")
            try await browser.click("a.button")
            try await provider.enterPassword(browser)
            try await provider.consent(browser)
            try await browser.wait(for: "You are signed in as Ada Lovelace")
            #expect(try await browser.location().absoluteString == program.origin.absoluteString + "/")
            try await browser.screenshot("signed-in")

            let rows = try await StoredSession.all(in: database)
            let row = try #require(rows.first)
            #expect(rows.count == 1, "the started login is gone")
            #expect(row.subject != nil)
            #expect(row.tokens.count == 3)
            #expect(row.tokens.allSatisfy { $0.hasPrefix("s1.") })
            let cookies = try await browser.cookies()
            let cookie = try #require(cookies.first { $0["name"] as? String == "oidc_session" })
            #expect(cookie["httpOnly"] as? Bool == true)
            #expect(cookie["sameSite"] as? String == "Lax")
            let value = try #require(cookie["value"] as? String)
            #expect(row.id == SHA256.hash(data: Data(value.utf8)).map { hexadecimal($0) }.joined())
        }
    }

    private func returnAndSignOut(
        _ browser: WebDriver,
        provider: ThirdPartyProvider,
        database: String,
        environment: [String: String]
    ) async throws {
        try await withProgram(try await .serve(environment)) { program in
            try await browser.open(program.origin)
            try await browser.wait(for: "You are signed in as Ada Lovelace")
            try await browser.screenshot("after-restart")
            try await browser.click("form[action='/logout'] button")
            try await provider.confirmSignOut(browser)
            try await browser.wait(for: "You are signed out")
            #expect(try await browser.location().path == "/logged-out")
            try await browser.screenshot("signed-out")
            #expect(try await StoredSession.all(in: database).isEmpty)
            #expect(try await !browser.cookies().contains { $0["name"] as? String == "oidc_session" })

            // The provider has forgotten the browser too: it asks again.
            try await browser.click("a.button")
            try await provider.enterPassword(browser)
            if !provider.remembersConsent { try await provider.consent(browser) }
            try await browser.wait(for: "You are signed in as Ada Lovelace")
        }
    }

    private func withProgram(_ program: RunningProgram, _ body: (RunningProgram) async throws -> Void) async throws {
        do {
            try await body(program)
        } catch {
            await program.stop()
            throw BrowserTestError("\(error)\noidc-sessions said:\n\(program.transcript.suffix(4_000))")
        }
        await program.stop()
    }

    private func randomSecret() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
