import OpenIDConnect
package import Sessions

extension LoginError {
    /// What a failure below this module means to a login.
    package init(_ error: any Error) {
        switch error {
        case let error as LoginError: self = error
        case let error as OpenIDConnectError: self.init(error)
        case let error as SessionError: self.init(error)
        case is CancellationError: self.init(.storeUnavailable, "the request was cancelled", underlying: error)
        default: self.init(.failed, "an unexpected error", underlying: error)
        }
    }

    /// What a failure of the session store means.
    package init(_ error: SessionError) {
        let code: Code
        switch error.code {
        case .tooLarge: code = .profileTooLarge
        case .cancelled: code = .storeUnavailable
        case .endedByProvider: code = .signedOutMeanwhile
        default: code = error.isTransient ? .storeUnavailable : .failed
        }
        let retryAfter: Duration? = code == .storeUnavailable ? .seconds(5) : nil
        self.init(code, "the session store: \(error)", underlying: error, retryAfter: retryAfter)
    }

    private init(_ error: OpenIDConnectError) {
        self.init(Self.code(of: error), "the provider: \(error)", underlying: error, retryAfter: error.retryAfter)
    }

    private static func code(of error: OpenIDConnectError) -> Code {
        switch error.code {
        case .providerUnavailable:
            (error.underlying as? HTTPTransportError)?.code == .timedOut ? .providerTimedOut : .providerUnavailable
        case .callbackMalformed: .invalidCallback
        case .stateMismatch: .loginNotFound
        case .callbackIssuerMismatch, .callbackIssuerMissing: .issuerMismatch
        case .callbackResponseMode: .responseModeMismatch
        case .authorizationRefused:
            // RFC 6749 section 4.1.2.1: these two stand for the provider's 500 and 503.
            ["server_error", "temporarily_unavailable"].contains(error.providerError) ? .providerUnavailable : .refused
        case .grantRejected: .codeRejected
        case .clientRejected, .invalidConfiguration, .pushedRequestRejected: .misconfigured
        case .logoutTokenInvalid: .invalidLogoutToken
        case .tooManyPushedRequests: .tooManyLogins
        default: .answerRejected
        }
    }
}
