public import Foundation

/// A session in a list: lists are made from digests, so nobody but the browser knows the id.
public struct SessionSummary: Sendable {
    /// The public name of the session.
    public let handle: SessionHandle
    /// What it was created or last updated with, without the tokens and the other sealed values.
    public let attributes: SessionAttributes
    /// When it was created, by the store's clock.
    public let createdAt: Date
    /// When it was last used, to the grain of ``SessionPolicy/updateAge``.
    public let lastAccessedAt: Date
    /// When it ends unless it is used again; says nothing about one that is revoked.
    public let expiresAt: Date
    /// What had become of it when it was read, by the store's clock.
    public let state: SessionState
    /// When and why it was ended; nil when it wasn't.
    public let revocation: Revocation?
    /// Whether its tokens can be refreshed.
    public let hasRefreshToken: Bool
    /// The sealing key that all its sealed values are under; nil when there are none, several keys, or clear text.
    public let sealKeyID: String?

    package init(
        handle: SessionHandle,
        attributes: SessionAttributes,
        createdAt: Date,
        lastAccessedAt: Date,
        expiresAt: Date,
        state: SessionState,
        revocation: Revocation?,
        hasRefreshToken: Bool,
        sealKeyID: String?
    ) {
        self.handle = handle
        self.attributes = attributes
        self.createdAt = createdAt
        self.lastAccessedAt = lastAccessedAt
        self.expiresAt = expiresAt
        self.state = state
        self.revocation = revocation
        self.hasRefreshToken = hasRefreshToken
        self.sealKeyID = sealKeyID
    }

    /// When the access token ends, by the provider's word; nil when the session is revoked: its tokens are gone.
    public var accessTokenExpiresAt: Date? { revocation == nil ? attributes.accessTokenExpiresAt : nil }

    /// Whose session it is; nil while it is anonymous.
    public var user: UserKey? {
        attributes.subject.map {
            UserKey(tenantID: attributes.tenantID, issuer: attributes.issuer ?? "", subject: $0)
        }
    }
}
