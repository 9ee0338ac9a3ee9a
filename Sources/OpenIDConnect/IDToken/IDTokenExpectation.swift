import Secrets

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// What an ID token must say to be the answer to a request of ours.
struct IDTokenExpectation: Sendable {
    /// What the request was, which decides what the token must repeat.
    enum Occasion: Sendable {
        /// A login, with the nonce that was sent.
        case login(nonce: Secret<String>)
        /// A refresh of this subject's tokens; a nonce and `auth_time` need not come, but must be the login's when they
        /// do and it is still known (Core section 12.2).
        case refresh(subject: String, nonce: Secret<String>?, authenticatedAt: Date?)
    }

    let configuration: ProviderConfiguration
    let occasion: Occasion
    let accessToken: Secret<String>
    let maximumAuthenticationAge: Duration?
    let requiredAuthenticationContexts: [String]
    let now: Date

    var skew: Double { configuration.options.clockSkew.inSeconds }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
