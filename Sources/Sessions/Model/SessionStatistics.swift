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
    /// The earliest stored end of the sessions that aren't revoked: long past when nothing cleans; nil without any.
    public var oldestExpiry: Date?
    /// The latest stored end of the sessions that aren't revoked; nil without any.
    public var newestExpiry: Date?
    /// The store's clock at the time.
    public var takenAt = Date(timeIntervalSince1970: 0)

    /// Nothing counted.
    public init() {}
}
