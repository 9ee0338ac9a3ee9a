import Foundation
import Testing

/// A provider that somebody else has written, and how one signs in and out there.
struct ThirdPartyProvider: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The file in `Providers/`.
    private let script: String
    let enterPassword: @Sendable (WebDriver) async throws -> Void
    let consent: @Sendable (WebDriver) async throws -> Void
    /// Whether it asks for consent once a person and application, or at each login.
    let remembersConsent: Bool
    /// From the answer to the program's sign-out request to the page that the program is sent back to.
    let confirmSignOut: @Sendable (WebDriver) async throws -> Void

    static let clientID = "browser-tests"
    private static let password = "correct horse battery staple"

    static let djangoOAuthToolkit = ThirdPartyProvider(
        testDescription: "django-oauth-toolkit",
        script: "django_oauth_toolkit.py",
        enterPassword: { browser in
            try await browser.type("ada", into: "#id_username")
            try await browser.type(password, into: "#id_password")
            try await browser.screenshot("provider-login")
            try await browser.click("#sign-in")
        },
        consent: { browser in
            _ = try await browser.text("input[name=allow]")
            try await browser.screenshot("provider-consent")
            try await browser.click("input[name=allow]")
        },
        remembersConsent: false,
        confirmSignOut: { browser in
            _ = try await browser.text("input[name=allow]")
            try await browser.screenshot("provider-sign-out")
            try await browser.click("input[name=allow]")
        }
    )

    static let canaille = ThirdPartyProvider(
        testDescription: "Canaille",
        script: "canaille_product.py",
        enterPassword: { browser in
            try await browser.type("ada", into: "input[name=login]")
            try await browser.click("button[name=answer]")
            try await browser.type(password, into: "input[name=password]")
            try await browser.screenshot("provider-login")
            try await browser.click("button.primary[type=submit]")
        },
        consent: { browser in
            _ = try await browser.text("#accept")
            try await browser.screenshot("provider-consent")
            try await browser.click("#accept")
        },
        remembersConsent: true,
        // With a valid hint it asks nothing.
        confirmSignOut: { _ in }
    )

    /// Runs the provider for a body that is told issuer and secret.
    func run(
        redirectURI: String,
        postLogoutRedirectURI: String,
        _ body: (_ issuer: String, _ secret: String) async throws -> Void
    ) async throws {
        let interpreter = try await PythonEnvironment.shared.interpreter()
        let file = Bundle.module.bundleURL.appending(path: "Providers/\(script)")
        let secret = UUID().uuidString
        try await Repository.withTemporaryDirectory { folder in
            let process = try ChildProcess(
                interpreter,
                [file.path, redirectURI, postLogoutRedirectURI],
                environment: ["CLIENT_SECRET": secret, "PYTHONDONTWRITEBYTECODE": "1"],
                directory: folder
            )
            do {
                let issuer = try await process.firstLine { $0.hasPrefix("http://") ? $0 : nil }
                try await body(issuer, secret)
            } catch {
                await process.stop()
                throw BrowserTestError("\(error)\n\(testDescription) said:\n\(process.transcript.suffix(4_000))")
            }
            await process.stop()
        }
    }
}
