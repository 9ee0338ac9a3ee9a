package import Foundation

/// A live session of another system, on its way into the store with the id that its holder already has.
package struct AdoptedSession: Sendable {
    /// The id that the browser presents.
    package var id: SessionID
    /// Whose it is, and the rest.
    package var attributes: SessionAttributes
    /// When the other system created it; nil when it doesn't say, then its life begins now.
    package var createdAt: Date?
    /// When the other system would have ended it.
    package var expiresAt: Date

    /// A session to take over.
    package init(id: SessionID, attributes: SessionAttributes, createdAt: Date?, expiresAt: Date) {
        self.id = id
        self.attributes = attributes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// What became of a batch of adopted sessions.
package struct AdoptionReport: Sendable, Hashable {
    /// They are in the store now; in a dry run, they would be.
    package var adopted = 0
    /// They were taken over before, whatever has become of them since, or their ids are in the store anyway.
    package var known = 0
    /// By the lifetimes of the policy they are over.
    package var ended = 0
}
