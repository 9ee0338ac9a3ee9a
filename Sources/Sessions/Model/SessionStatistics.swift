public import Foundation

/// Counts of the sessions table at one moment.
public struct SessionStatistics: Sendable, Hashable {
    /// Session rows of any state.
    public var total = 0
    /// Alive by every lifetime and not revoked.
    public var active = 0
    /// Over by one of the lifetimes, not yet deleted, not revoked.
    public var expired = 0
    /// Revoked and kept for the audit trail.
    public var revoked = 0
    /// Not revoked and unused for longer than ``SessionPolicy/inactivityTimeout``.
    public var inactive = 0
    /// Started logins that can still be finished.
    public var pendingLogins = 0
    /// Active sessions of each tenant.
    public var activeByTenant: [String: Int] = [:]
    /// The store's clock at the time.
    public var takenAt = Date(timeIntervalSince1970: 0)

    /// Nothing counted.
    public init() {}
}

/// A page of the list of all sessions.
public struct SessionPage: Sendable {
    /// Identity only: no tokens, no ids.
    public var sessions: [SessionSummary]
    /// Where the next page starts; nil when this is the last.
    public var next: Cursor?

    /// A page.
    public init(sessions: [SessionSummary], next: Cursor?) {
        self.sessions = sessions
        self.next = next
    }

    /// The place of a session in the list, which is ordered by tenant, issuer, subject and age.
    public struct Cursor: Sendable, Hashable {
        package var tenantID: String
        package var issuer: String
        package var subject: String
        package var createdAtMicroseconds: Int64
        package var rowKey: String
    }
}
