import Foundation
import Logging
import OpenIDConnect
public import Secrets
public import Sessions

extension LoginFlow {
    /// Ends the sessions that a provider says are over (Back-Channel Logout sections 2.5 to 2.8), and takes their refresh
    /// tokens back.
    ///
    /// The token's issuer and audience choose the provider whose keys it is checked with; nothing else of it counts before
    /// that. The same token again, and one about nobody who is signed in here, change nothing and are no error.
    ///
    /// A provider knows one address for each client, so tenants that share a client hear of its logouts together: each
    /// judges the token by its own settings, remembers it for itself and ends its own sessions, whatever came of it at the
    /// others. A repetition at one and the first time at another is no error either.
    /// - Parameters:
    ///   - logoutToken: As it was posted.
    ///   - requester: Where it came from, for the audit trail; its name becomes the provider's.
    ///   - others: The flows of the process's other tenants.
    /// - Returns: How many sessions were ended, at all of them.
    /// - Throws: ``LoginError/Code/invalidLogoutToken``; anything else says that nothing is known, and the provider has
    ///   to be told that it failed. Tenants that didn't fail have done their part all the same.
    @discardableResult
    public func endByProvider(
        _ logoutToken: Secret<String>,
        by requester: Requester = Requester(.provider),
        alsoAt others: [LoginFlow] = []
    ) async throws(LoginError) -> Int {
        let addressees: [(flow: LoginFlow, provider: RelyingParty)]
        do throws(LoginError) {
            addressees = try Self.addressees(of: logoutToken, among: [self] + others)
        } catch {
            LoginMetrics.endedByProvider(error.code.name, provider: nil)
            throw error
        }
        var judgements = LogoutJudgements(logoutToken)
        var count = 0
        var failure: LoginError?
        for (flow, provider) in addressees {
            do throws(LoginError) {
                count += try await flow.end(try await judgements.token(for: provider), from: provider, by: requester)
            } catch {
                LoginMetrics.endedByProvider(error.code.name, provider: provider.configuration.name)
                // What may go well the next time is what the provider has to hear of.
                if failure == nil || failure?.code == .invalidLogoutToken { failure = error }
            }
        }
        if let failure { throw failure }
        return count
    }

    /// Every tenant that has a provider of the token's issuer and audience.
    private static func addressees(
        of text: Secret<String>,
        among flows: [LoginFlow]
    ) throws(LoginError) -> [(flow: LoginFlow, provider: RelyingParty)] {
        guard let unverified = UnverifiedLogoutToken(text) else {
            throw LoginError(.invalidLogoutToken, "the logout token is no signed token with an issuer")
        }
        // Two registrations at one issuer are told apart by the audience.
        let addressees = flows.compactMap { flow in
            flow.providers.all.first { unverified.isFor($0.configuration) }.map { (flow: flow, provider: $0) }
        }
        guard !addressees.isEmpty else {
            throw LoginError(.invalidLogoutToken, "the logout token is of no provider of this service, or not for it")
        }
        return addressees
    }

    private func end(
        _ token: LogoutToken,
        from provider: RelyingParty,
        by requester: Requester
    ) async throws(LoginError) -> Int {
        let name = provider.configuration.name
        let outcome: BackChannelOutcome
        do {
            outcome = try await manager.endByProvider(notice(token, from: provider, by: requester))
        } catch {
            throw LoginError(error)
        }
        switch outcome {
        case .ended(let count, let sessions):
            revokeTokens(of: sessions, at: provider)
            LoginMetrics.endedByProvider(count > 0 ? "ended" : "nothing", provider: name)
            logger.info(
                "The provider has signed out a user",
                metadata: ["provider": "\(name)", "sessions": .stringConvertible(count)]
            )
            return count
        case .repeated:
            LoginMetrics.endedByProvider("repeated", provider: name)
            return 0
        case .mismatched:
            throw LoginError(.invalidLogoutToken, "the logout token names a session of another user than it says")
        }
    }

    private func notice(_ token: LogoutToken, from provider: RelyingParty, by requester: Requester) -> LogoutNotice {
        var requester = requester
        requester.name = provider.configuration.name
        var notice = LogoutNotice(
            issuer: token.issuer,
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
            refresher.takeBack(session, at: owner)
        }
    }
}

/// What becomes of one token at several clients: it is checked once for all that judge alike.
private struct LogoutJudgements {
    /// What of a client's settings a judgement depends on, besides the issuer and the client id that they have in common.
    private struct Standard: Hashable {
        let algorithms: [SigningAlgorithm]
        let clockSkew: Duration
        let maximumAge: Duration

        init(_ options: ProviderConfiguration.Options) {
            algorithms = options.allowedAlgorithms
            clockSkew = options.clockSkew
            maximumAge = options.maximumIDTokenAge
        }
    }

    private let text: Secret<String>
    private var results: [Standard: Result<LogoutToken, LoginError>] = [:]

    init(_ text: Secret<String>) {
        self.text = text
    }

    mutating func token(for provider: RelyingParty) async throws(LoginError) -> LogoutToken {
        let standard = Standard(provider.configuration.options)
        if let result = results[standard] { return try result.get() }
        let result: Result<LogoutToken, LoginError>
        do {
            result = .success(try await provider.logoutToken(text))
        } catch {
            result = .failure(LoginError(error))
        }
        results[standard] = result
        return try result.get()
    }
}
