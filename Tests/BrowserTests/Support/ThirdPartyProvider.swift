import Crypto
import Foundation
import OpenIDConnect
import Secrets
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
    /// Whether the program proves itself by a key (`private_key_jwt`) instead of a secret.
    var usesKey = false

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

    /// With a secret, and with a key.
    static let canaille = [canaille("Canaille", usesKey: false), canaille("Canaille with a key", usesKey: true)]

    private static func canaille(_ name: String, usesKey: Bool) -> ThirdPartyProvider {
        ThirdPartyProvider(
            testDescription: name,
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
            confirmSignOut: { _ in },
            usesKey: usesKey
        )
    }

    /// Takes the back-channel logout URI in the place of the post-logout redirect URI, and asks nobody anything.
    static let idpyoidc = ThirdPartyProvider(
        testDescription: "idpyoidc",
        script: "idpyoidc_provider.py",
        enterPassword: { _ in },
        consent: { _ in },
        remembersConsent: true,
        confirmSignOut: { _ in }
    )

    /// Runs the provider for a body that is told the program's settings for it.
    func run(
        redirectURI: String,
        postLogoutRedirectURI: String,
        _ body: (_ settings: [String: String]) async throws -> Void
    ) async throws {
        let interpreter = try await PythonEnvironment.shared.interpreter()
        let file = Bundle.module.bundleURL.appending(path: "Providers/\(script)")
        let secret = UUID().uuidString
        var environment = ["CLIENT_SECRET": secret, "PYTHONDONTWRITEBYTECODE": "1"]
        var settings = ["OIDC_CLIENT_ID": Self.clientID]
        if usesKey {
            let key = P256.Signing.PrivateKey().pemRepresentation
            let publicKey = try ClientSigningKey(Secret(key), keyID: "browser-tests").publicJWK
            environment["CLIENT_JWK"] = JSONValue.object(publicKey).serialized()
            settings["OIDC_CLIENT_KEY"] = key
            settings["OIDC_CLIENT_KEY_ID"] = "browser-tests"
            settings["OIDC_CLIENT_ASSERTION_AUDIENCE"] = "token_endpoint"
        } else {
            settings["OIDC_CLIENT_SECRET"] = secret
        }
        try await Repository.withTemporaryDirectory { folder in
            let process = try await OutsideProgram(
                interpreter,
                [file.path, redirectURI, postLogoutRedirectURI],
                environment: environment,
                directory: folder
            )
            do {
                let issuer = try await process.firstLine { $0.hasPrefix("http://") ? $0 : nil }
                try await body(settings.merging(["OIDC_ISSUER": issuer]) { $1 })
            } catch {
                await process.stop()
                throw BrowserTestError("\(error)\n\(testDescription) said:\n\(process.transcript.suffix(4_000))")
            }
            await process.stop()
        }
    }
}
