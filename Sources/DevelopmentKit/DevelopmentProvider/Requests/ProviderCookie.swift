import HTTPTypes
import Hummingbird

/// The provider's two cookies.
///
/// Browsers share cookies between all ports of a host, so the names must not be those of an application beside it.
enum ProviderCookie: String {
    /// Who is signed in.
    case session = "development_provider_session"
    /// Which browser a page was shown to.
    case browser = "development_provider_browser"

    func value(in request: Request) -> String? {
        request.cookies[rawValue]?.value
    }

    /// The `Set-Cookie` line; a lifetime of zero takes the cookie away.
    func header(_ value: String, lifetime: Duration?) -> String {
        let age = lifetime.map { "; Max-Age=\($0.components.seconds)" } ?? ""
        return "\(rawValue)=\(value); Path=/; HttpOnly; SameSite=Lax\(age)"
    }
}
