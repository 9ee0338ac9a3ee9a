public import Foundation
import Synchronization

/// Sessions in the memory of this process: for tests and demonstrations.
///
/// It keeps the contract of ``SessionStore`` but for surviving a crash, and knows nothing of other replicas.
public final class InMemorySessionStore: SessionStore {
    struct Record: Sendable {
        var attributes: SessionAttributes
        var createdAt: Date
        var lastAccessedAt: Date
        var expiresAt: Date
        var revision: Int64 = 0
        var revocation: Revocation?
        var refresh = RefreshState()
        var idTokenIssuedAt: Date?
    }

    struct StartedLogin: Sendable {
        var login: PendingLogin
        var expiresAt: Date
    }

    struct State: Sendable {
        var sessions: [String: Record] = [:]
        var logins: [String: StartedLogin] = [:]
        /// The places of started logins, with the key of whoever had it last.
        var loginSlots: [Int: String] = [:]
        var loginStarts = 0
        var logouts: [LogoutKey: RememberedLogout] = [:]
        var audit: [AuditEntry] = []
        /// Who cleans; empty before they said so.
        var cleaner: String?
        var isCounting = false
    }

    /// A row of the audit trail.
    public struct AuditEntry: Sendable {
        /// What happened.
        public let action: AuditAction
        /// To whom or what.
        public let details: [String: JSONValue]
        /// When.
        public let date: Date
        let id = UUID()
    }

    private let state = Mutex(State())
    private let clock: @Sendable () -> Date

    /// An empty store.
    /// - Parameter clock: The clock that judges all lifetimes.
    public init(clock: @escaping @Sendable () -> Date = { Date() }) {
        self.clock = clock
    }

    /// The audit trail, oldest first.
    public var auditTrail: [AuditEntry] { state.withLock { $0.audit } }

    func withState<Result: Sendable>(_ body: (inout sending State, Date) -> sending Result) -> Result {
        state.withLock { body(&$0, clock()) }
    }
}

extension InMemorySessionStore.Record {
    func end(_ policy: SessionPolicy) -> Date {
        min(
            expiresAt,
            lastAccessedAt + policy.idleLifetime.inSeconds,
            createdAt + policy.absoluteLifetime.inSeconds
        )
    }

    /// Alive, and of the policy's tenant.
    func isAlive(at now: Date, _ policy: SessionPolicy) -> Bool {
        revocation == nil && now < end(policy) && isInScope(policy)
    }

    var user: UserKey? {
        attributes.subject.map {
            UserKey(tenantID: attributes.tenantID, issuer: attributes.issuer ?? "", subject: $0)
        }
    }

    func session(_ id: SessionID, detail: SessionDetail, at now: Date, _ policy: SessionPolicy) -> Session {
        Session(
            id: id,
            attributes: detail == .full ? attributes : attributes.withoutSecrets,
            detail: detail,
            createdAt: createdAt,
            lastAccessedAt: lastAccessedAt,
            expiresAt: end(policy),
            readAt: now,
            revision: revision
        )
    }

    func summary(_ rowKey: String, at now: Date, _ policy: SessionPolicy) -> SessionSummary {
        SessionSummary(
            handle: SessionHandle(rowKey: rowKey),
            attributes: attributes.withoutSecrets,
            createdAt: createdAt,
            lastAccessedAt: lastAccessedAt,
            expiresAt: end(policy),
            state: state(at: now, policy),
            revocation: revocation,
            hasRefreshToken: attributes.refreshToken != nil,
            sealKeyID: nil
        )
    }

    private func state(at now: Date, _ policy: SessionPolicy) -> SessionState {
        if revocation != nil { return .revoked }
        if isAlive(at: now, policy) { return .active }
        return isInactive(for: policy.inactivityTimeout, at: now) ? .inactive : .expired
    }

    func isInScope(_ policy: SessionPolicy) -> Bool {
        policy.tenantID.map { attributes.tenantID == $0 } ?? true
    }
}

extension SessionAttributes {
    /// What is left when the sealed columns aren't read, or are dropped.
    var withoutSecrets: SessionAttributes {
        var result = self
        result.nonce = nil
        result.state = nil
        result.codeVerifier = nil
        result.accessToken = nil
        result.refreshToken = nil
        result.idToken = nil
        return result
    }
}
