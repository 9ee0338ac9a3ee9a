public import Foundation

/// A session that was alive, by the store's clock, when it was read.
///
/// There is no way to make one but to read or create it in a store.
public struct Session: Sendable {
    /// The id that the browser holds.
    public let id: SessionID
    /// Everything that it was created or last updated with.
    public internal(set) var attributes: SessionAttributes
    /// Whether the tokens, nonce, state and verifier were read; an identity-only read leaves them nil.
    public internal(set) var detail: SessionDetail
    /// When it was created, by the store's clock.
    public internal(set) var createdAt: Date
    /// When it was last used, to the grain of ``SessionPolicy/updateAge``.
    public internal(set) var lastAccessedAt: Date
    /// When it ends unless it is used again: the earliest of the stored, the idle and the absolute end.
    public internal(set) var expiresAt: Date
    /// The store's clock at the moment of reading; compare ``expiresAt`` with this, never with the local clock.
    public internal(set) var readAt: Date
    /// Counts the updates of the row (not its touches).
    public internal(set) var revision: Int64

    package init(
        id: SessionID,
        attributes: SessionAttributes,
        detail: SessionDetail,
        createdAt: Date,
        lastAccessedAt: Date,
        expiresAt: Date,
        readAt: Date,
        revision: Int64
    ) {
        self.id = id
        self.attributes = attributes
        self.detail = detail
        self.createdAt = createdAt
        self.lastAccessedAt = lastAccessedAt
        self.expiresAt = expiresAt
        self.readAt = readAt
        self.revision = revision
    }
}

/// How much of a session a read brings.
public enum SessionDetail: Sendable, Hashable {
    /// Everything, unsealed.
    case full
    /// Who it is and how long it lives, without the sealed columns: what an authorization check needs.
    case identity
}
