import OpenIDConnect
import SessionServer

/// A tenant as it is served: where, and by which providers.
///
/// A process without tenants has one of these all the same, without an id.
struct TenantSettings: Sendable {
    /// Nil in a process without tenants.
    let id: String?
    let baseURL: BaseURL
    /// Nil for the default.
    let cookieName: String?
    let providers: [ProviderConfiguration]
    /// The provider of a login that names none; nil: people choose.
    let defaultProvider: String?

    /// What the cookie is called, the default's name included.
    var sessionCookieName: String { cookieName ?? ServerSettings(baseURL: baseURL).sessionCookieName }
}
