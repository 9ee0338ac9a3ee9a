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
    /// When it ends unless it is used again.
    public let expiresAt: Date
    /// When and why it was revoked, in lists that include revoked sessions.
    public let revocation: (date: Date, reason: String)?

    package init(
        handle: SessionHandle,
        attributes: SessionAttributes,
        createdAt: Date,
        lastAccessedAt: Date,
        expiresAt: Date,
        revocation: (date: Date, reason: String)?
    ) {
        self.handle = handle
        self.attributes = attributes
        self.createdAt = createdAt
        self.lastAccessedAt = lastAccessedAt
        self.expiresAt = expiresAt
        self.revocation = revocation
    }

    /// Whose session it is; nil while it is anonymous.
    public var user: UserKey? {
        attributes.subject.map {
            UserKey(tenantID: attributes.tenantID, issuer: attributes.issuer ?? "", subject: $0)
        }
    }
}
