public import Foundation

/// Which sessions a list or an ending is about: those that meet every criterion that is set.
public struct SessionFilter: Sendable, Hashable {
    /// Only this tenant's; empty for those of no tenant.
    public var tenantID: String?
    /// Only those that this issuer vouches for, exactly; empty for those of no issuer.
    public var issuer: String?
    /// Only those of this `sub`, exactly: there are no patterns.
    public var subject: String?
    /// Only those whose profile has this e-mail address, whatever the case of its letters; for lists only.
    ///
    /// It is what the provider said, perhaps unverified, and may be several users': what ends sessions refuses it. No index
    /// has it, so that a list reads the profiles of all sessions that meet the other criteria until its page is full.
    public var email: String?
    /// Only those in any of these states; empty for every state.
    public var states: Set<SessionState> = []
    /// Only those created before this moment.
    public var createdBefore: Date?
    /// Only those created at this moment or later.
    public var createdAfter: Date?
    /// Only those created longer ago than this, by the store's clock.
    public var olderThan: Duration?
    /// Only those last used before this moment.
    public var lastAccessedBefore: Date?
    /// Only those revoked before this moment; those that aren't revoked don't meet it.
    public var revokedBefore: Date?

    /// Every session; assign criteria.
    public init() {}

    /// Whether nothing in it excludes anything: what ends sessions refuses it.
    ///
    /// An empty text excludes nothing in a deployment without tenants or issuers, nor does a set of states that covers
    /// all sessions; neither counts as a criterion.
    public var isEmpty: Bool {
        let texts = [tenantID, issuer, subject, email].compactMap { $0 }
        let dates = [createdBefore, createdAfter, lastAccessedBefore, revokedBefore].compactMap { $0 }
        let coversAll = states.isEmpty || states.isSuperset(of: [.active, .expired, .revoked])
        return texts.allSatisfy(\.isEmpty) && dates.isEmpty && olderThan == nil && coversAll
    }
}
