public import Secrets

/// What a text that may be a logout token says about its sender and addressee, believed by nobody: it chooses whose keys
/// the token is checked with, and nothing else.
public struct UnverifiedLogoutToken: Sendable {
    /// `iss`, as it stands there.
    public let issuer: String
    /// `aud`, as it stands there; empty when it is neither a string nor a list of strings.
    public let audience: [String]

    /// - Returns: nil for a text that is no JWS with an issuer.
    public init?(_ text: Secret<String>) {
        guard let claims = try? CompactToken(text).claims(), let issuer = claims["iss"]?.stringValue else { return nil }
        self.issuer = issuer
        self.audience = claims["aud"].flatMap { $0.stringValue.map { [$0] } ?? $0.stringArrayValue } ?? []
    }

    /// Whether a provider of this configuration may have sent it to this client.
    public func isFor(_ configuration: ProviderConfiguration) -> Bool {
        issuer.hasSameBytes(as: configuration.issuer) && audience.containsBytes(of: configuration.clientID)
    }
}
