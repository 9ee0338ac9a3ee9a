import Foundation
import Logging
import OpenIDConnect
public import Secrets
public import Sessions

extension LoginFlow {
    /// Ends the sessions that a provider says are over (Back-Channel Logout sections 2.5 to 2.8), and takes their refresh
    /// tokens back.
    ///
    /// The token's issuer chooses the provider whose keys it is checked with; nothing else of it counts before that. The
    /// same token again, and one about nobody who is signed in here, change nothing and are no error.
    /// - Parameters:
    ///   - logoutToken: As it was posted.
    ///   - requester: Where it came from, for the audit trail; its name becomes the provider's.
    /// - Returns: How many sessions were ended.
    /// - Throws: ``LoginError/Code/invalidLogoutToken``; anything else says that nothing is known, and the provider has
    ///   to be told that it failed.
    @discardableResult
    public func endByProvider(
        _ logoutToken: Secret<String>,
        by requester: Requester = Requester(.provider)
    ) async throws(LoginError) -> Int {
        var name: String?
        do {
            let (token, provider) = try await checked(logoutToken)
            name = provider.configuration.name
            let notice = notice(token, from: provider, by: requester)
            switch try await manager.endByProvider(notice) {
            case .ended(let count, let sessions):
                revokeTokens(of: sessions, at: provider)
                LoginMetrics.endedByProvider(count > 0 ? "ended" : "nothing", provider: name)
                logger.info(
                    "The provider has signed out a user",
                    metadata: ["provider": "\(provider.configuration.name)", "sessions": "\(count)"]
                )
                return count
            case .repeated:
                LoginMetrics.endedByProvider("repeated", provider: name)
                return 0
            case .mismatched:
                throw LoginError(.invalidLogoutToken, "the logout token names a session of another user than it says")
            }
        } catch {
            let failure = LoginError(error)
            LoginMetrics.endedByProvider(failure.code.name, provider: name)
            throw failure
        }
    }

    private func checked(_ text: Secret<String>) async throws -> (LogoutToken, RelyingParty) {
        guard let unverified = UnverifiedLogoutToken(text) else {
            throw LoginError(.invalidLogoutToken, "the logout token is no signed token with an issuer")
        }
        // Two registrations at one issuer are told apart by the audience.
        guard let provider = providers.all.first(where: { unverified.isFor($0.configuration) }) else {
            throw LoginError(.invalidLogoutToken, "the logout token is of no provider of this service, or not for it")
        }
        return (try await provider.logoutToken(text), provider)
    }

    private func notice(_ token: LogoutToken, from provider: RelyingParty, by requester: Requester) -> LogoutNotice {
        var requester = requester
        requester.name = provider.configuration.name
        var notice = LogoutNotice(
            issuer: token.issuer,
            tenantID: options.tenantID,
            subject: token.subject,
            providerSessionID: token.sessionID,
            tokenID: token.jwtID,
            issuedAt: token.issuedAt,
            // By whichever clock: until it is over for the last of them.
            remembered: .seconds(Int64(token.acceptableUntil.timeIntervalSince(token.issuedAt)))
                + provider.configuration.options.clockSkew * 2
        )
        notice.clockSkew = provider.configuration.options.clockSkew
        notice.requester = requester
        return notice
    }

    /// Section 2.7: refresh tokens that were granted with `offline_access` normally stay.
    private func revokeTokens(of sessions: [EndedSession], at provider: RelyingParty) {
        guard !provider.configuration.options.scopes.contains("offline_access") else { return }
        for session in sessions {
            guard let owner = providers.vouching(name: session.provider, issuer: session.issuer) else { continue }
            refresher.revoker.revoke(session, at: owner)
        }
    }
}
