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

    /// Whether the provider may have acted on a refresh token without our learning what it did.
    ///
    /// A gateway answers 502 or 504 when the answer behind it was lost, with `Retry-After` or without, and a success that
    /// can't be read is one all the same. Only a refusal by the provider (RFC 6749 section 5.2), a request to come back
    /// later (429; 503 that says when), and a connection that never was tell that nothing was done.
    var hasUnknownOutcome: Bool {
        if let transport = underlying as? HTTPTransportError {
            return transport.code != .notConnected && transport.code != .untrustedCertificate
        }
        return switch code {
        case .tokenResponseInvalid: true
        case .providerUnavailable:
            switch httpStatus {
            case 429: false
            case 503: retryAfter == nil
            // An error in the protocol's words comes with another status than these.
            case .some(500...): true
            default: providerError == nil || providerError == "server_error"
            }
        // A gateway that waited in vain for the rest of the request, or so it says.
        default: httpStatus == 408
        }
    }
}
