#if canImport(FoundationEssentials)
public import struct FoundationEssentials.Date
#else
public import struct Foundation.Date
#endif

/// The claims of an ID token whose signature and claims have been checked (Core section 3.1.3.7).
public struct IDTokenClaims: Sendable {
    /// `iss`, byte for byte the configured issuer.
    public let issuer: String
    /// `sub`: 1 to 255 printable ASCII characters.
    ///
    /// With the issuer it is the one key of a user (Core section 5.7); compare bytes, not letters.
    public let subject: String
    /// `aud`: this client, and trusted others.
    public let audience: [String]
    /// `exp`, not later than the year 9999.
    public let expiresAt: Date
    /// `iat`.
    public let issuedAt: Date
    /// `auth_time`: when the user last signed in at the provider.
    public let authenticatedAt: Date?
    /// `sid`: the provider's session, at most 255 printable ASCII characters; back-channel logout names it.
    public let sessionID: String?
    /// `acr`.
    public let authenticationContext: String?
    /// `azp`.
    public let authorizedParty: String?
    /// Every claim of the token, those above too.
    public let all: [String: JSONValue]

    /// The claims about the user: everything but the protocol's own.
    public var profile: [String: JSONValue] {
        all.filter { !ProtectedClaims.names.contains($0.key) }
    }
}

extension IDTokenClaims: CustomStringConvertible, CustomReflectable {
    /// The issuer only: the rest is about a person.
    public var description: String { "id token of \(issuer)" }

    /// A mirror without the claims about the person.
    public var customMirror: Mirror { Mirror(self, children: ["issuer": issuer]) }
}
