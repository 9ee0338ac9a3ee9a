public import Logging
public import OpenIDConnect
import Secrets

extension ScriptedProvider {
    /// A configuration that fits the registered client, changed by `adjust`.
    public func configuration(
        name: String = "scripted",
        adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }
    ) throws -> ProviderConfiguration {
        var options = ProviderConfiguration.Options()
        options.authenticationMethod = ClientAuthenticationMethod(rawValue: client.authenticationMethod)
        options.postLogoutRedirectURI = client.postLogoutRedirectURIs.first
        adjust(&options)
        return try ProviderConfiguration(
            name: name,
            issuer: issuer,
            clientID: client.id,
            clientSecret: client.hasSecret ? Secret(client.secret) : nil,
            redirectURI: client.redirectURIs[0],
            options: options
        )
    }

    /// A relying party that talks to this provider and reads its clock.
    public func relyingParty(
        logger: Logger = Logger(label: "scripted", factory: { _ in SwiftLogNoOpLogHandler() }),
        adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }
    ) throws -> RelyingParty {
        RelyingParty(configuration: try configuration(adjust: adjust), transport: self, clock: clock, logger: logger)
    }
}
