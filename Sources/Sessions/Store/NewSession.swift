public import Foundation

/// A session that isn't stored yet, under the id that it will have.
///
/// The id is chosen before the write, so that after an unknown outcome a read tells whether it happened, and a second
/// attempt can't make a second session.
public struct NewSession: Sendable {
    /// The id.
    public var id: SessionID
    /// What it is created with.
    public var attributes: SessionAttributes
    /// When the provider issued the ID token that it rests on, by the provider's clock; nil when there is none.
    ///
    /// It says which of the provider's logouts are about it.
    public var idTokenIssuedAt: Date?

    /// A session to create.
    public init(id: SessionID = SessionID(), attributes: SessionAttributes, idTokenIssuedAt: Date? = nil) {
        self.id = id
        self.attributes = attributes
        self.idTokenIssuedAt = idTokenIssuedAt
    }
}

/// The session that a new one takes the place of.
public struct ReplacedSession: Sendable {
    /// Its id.
    public var id: SessionID
    /// When set, the new session is created only if the old one is alive and at this revision.
    public var requiredRevision: Int64?

    /// The browser's previous session; with a revision, the session that goes on under a new id.
    public init(id: SessionID, requiredRevision: Int64? = nil) {
        self.id = id
        self.requiredRevision = requiredRevision
    }
}

/// A use of a session that is to be written.
public struct SessionTouch: Sendable {
    /// The session.
    public var id: SessionID
    /// How long ago the use was, by a monotonic clock: the store subtracts it from its own.
    public var age: Duration

    /// A use that was `age` ago.
    public init(id: SessionID, age: Duration) {
        self.id = id
        self.age = age
    }
}
