import OpenIDConnect
import Sessions

/// One use of a refresh lease.
struct RefreshAttempt: Sendable {
    let lease: RefreshLease
    let provider: RelyingParty?
    /// By the refresher's clock.
    let start: Duration

    /// What a new ID token has to agree with.
    var login: RefreshableLogin? {
        let session = lease.session
        guard let issuer = session.issuer, let subject = session.subject else { return nil }
        return RefreshableLogin(issuer: issuer, subject: subject, idToken: session.idToken, nonce: session.nonce)
    }
}

extension OpenIDConnectError {
    /// Whether the provider's answer is about another login than the session's (Core sections 12.2 and 5.3.2).
    var contradictsLogin: Bool {
        [.idTokenIssuer, .idTokenSubject, .idTokenAudience, .idTokenNonce, .idTokenAuthentication, .userInfoSubject]
            .contains(code)
    }

    /// Whether the provider may have acted on a request that it didn't answer.
    var hasUnknownOutcome: Bool {
        guard let transport = underlying as? HTTPTransportError else { return false }
        return transport.code != .notConnected && transport.code != .untrustedCertificate
    }
}
