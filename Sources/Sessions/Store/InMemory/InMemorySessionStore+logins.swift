import Foundation
import Secrets

extension InMemorySessionStore {
    /// See ``SessionStore/create(_:id:policy:)``.
    public func create(
        _ login: NewPendingLogin,
        id: PendingLoginID,
        policy: SessionPolicy
    ) throws(SessionError) -> PendingLogin {
        let outcome = withState { state, now -> Result<PendingLogin, SessionError> in
            guard state.logins[id.rowKey] == nil else {
                return .failure(SessionError(.failed, "the id is taken"))
            }
            let expiresAt = now + policy.loginLifetime.inSeconds
            let pending = PendingLogin(id: id, login: login, createdAt: now, expiresAt: expiresAt)
            state.loginStarts += 1
            let slot = state.loginStarts % max(policy.maximumPendingLogins, 1)
            if let displaced = state.loginSlots.updateValue(id.rowKey, forKey: slot) { state.logins[displaced] = nil }
            state.logins[id.rowKey] = StartedLogin(login: pending, expiresAt: expiresAt)
            return .success(pending)
        }
        return try outcome.get()
    }

    /// See ``SessionStore/claim(_:state:policy:)``.
    public func claim(_ id: PendingLoginID, state claimed: String, policy: SessionPolicy) -> PendingLogin? {
        let digest = StateDigest.of(claimed)
        return withState { state, now in
            guard let started = state.logins[id.rowKey], now < started.expiresAt,
                StateDigest.of(started.login.state.reveal()) == digest,
                policy.tenantID == nil || policy.tenantID == started.login.tenantID
            else { return nil }
            state.logins[id.rowKey] = nil
            return started.login
        }
    }
}
