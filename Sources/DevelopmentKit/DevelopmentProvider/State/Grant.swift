/// What a person has allowed an application: the family that its refresh tokens belong to.
struct Grant: Codable, Sendable {
    var id: String
    var clientID: String
    var subject: String
    var scopes: [String]
    /// The provider's session (`sid`) in which it was given.
    var sessionID: String
    /// Seconds since 1970.
    var authenticatedAt: Int
    /// Digest of the one refresh token that works.
    var refreshToken: String
    /// Digests of those that have been exchanged: seeing one again means that two parties hold the family.
    var spentRefreshTokens: [String] = []
    /// Seconds since 1970.
    var expiresAt: Int

    /// How many spent tokens are remembered.
    static let spentLimit = 64
}

/// A browser that is signed in at the provider.
struct ProviderSession: Codable, Sendable {
    /// The `sid` claim.
    var id: String
    var subject: String
    /// The applications that the person has been asked about in this session.
    var clientIDs: Set<String>
    /// Seconds since 1970.
    var authenticatedAt: Int
    /// Seconds since 1970.
    var expiresAt: Int
}
