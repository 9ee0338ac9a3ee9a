import HTTPTypes
import Hummingbird
import Logging
import WireText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What answers the provider's requests.
struct ProviderEndpoints: Sendable {
    let configuration: DevelopmentProviderConfiguration
    let state: ProviderState
    let key: SigningKey
    let issuer: BoundIssuer
    let logger: Logger

    /// The largest form that is read, in bytes.
    private static let formLimit = 64 * 1024

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: LoopbackHostMiddleware())
        router.get("/.well-known/openid-configuration") { _, _ in try await metadata() }
        router.get("/jwks") { _, _ in try keys() }
        for method in [HTTPRequest.Method.get, .post] {
            // OpenID Connect Core 1.0, sections 3.1.2.1 and 5.3.1; RP-Initiated Logout 1.0, section 2.
            router.on("/authorize", method: method) { request, _ in try await authorize(request) }
            router.on("/userinfo", method: method) { request, _ in try await userInfo(request) }
            router.on("/end-session", method: method) { request, _ in try await endSession(request) }
        }
        router.post("/consent") { request, _ in try await consent(request) }
        router.post("/sign-out") { request, _ in try await signOut(request) }
        router.post("/token") { request, _ in try await token(request) }
        return router
    }

    var seconds: Int { Int(configuration.now().timeIntervalSince1970) }

    func user(_ subject: String) -> DevelopmentUser? {
        configuration.users.first { $0.subject == subject }
    }

    /// The parameters of a request by either method; nil when they can't be read in one way only.
    func parameters(_ request: Request) async throws -> FormParameters? {
        guard request.method == .post else { return FormParameters(request.uri.query ?? "") }
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard type == "application/x-www-form-urlencoded" else { return nil }
        var request = request
        return FormParameters(String(buffer: try await request.collectBody(upTo: Self.formLimit)))
    }

    /// The browser's own mark, and the header that gives it one when it has none.
    func browser(_ request: Request) -> (value: String, headers: HTTPFields) {
        if let value = ProviderCookie.browser.value(in: request) { return (value, [:]) }
        let value = RandomToken.make()
        return (value, [.setCookie: ProviderCookie.browser.header(value, lifetime: nil)])
    }
}
