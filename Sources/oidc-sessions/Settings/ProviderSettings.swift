import OpenIDConnect
import Secrets

/// What is configured of a provider, whichever tenants' users sign in there.
struct ProviderSettings: Sendable {
    let name: String
    let issuer: String
    let clientID: String
    let clientSecret: Secret<String>?
    /// Without a post-logout redirect URI where none is set: then it is the tenant's own.
    let options: ProviderConfiguration.Options

    /// The provider as a tenant uses it.
    func configuration(
        redirectURI: String,
        postLogoutRedirectURI: String?
    ) throws(OpenIDConnectError) -> ProviderConfiguration {
        var options = options
        options.postLogoutRedirectURI = options.postLogoutRedirectURI ?? postLogoutRedirectURI
        return try ProviderConfiguration(
            name: name,
            issuer: issuer,
            clientID: clientID,
            clientSecret: clientSecret,
            redirectURI: redirectURI,
            options: options
        )
    }
}
