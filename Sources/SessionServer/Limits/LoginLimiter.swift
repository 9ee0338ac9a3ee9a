import Hummingbird
import Logging
import LoginFlow
import Synchronization

/// Bounds how many logins are started from one address.
///
/// Anybody may start a login, and each is a row. One limiter is for the whole process, and knows nothing of others.
public final class LoginLimiter: Sendable {
    private struct State {
        var rates: AddressRates
        var throttle = FailureThrottle()
    }

    /// Of each generation: 5 MB at most.
    private static let maximumAddresses = 65_536

    private let state: Mutex<State>
    private let now: @Sendable () -> Duration

    /// A limiter.
    ///
    /// - Parameter perMinute: So many logins a minute from one IPv4 address, or from one /64 of IPv6.
    public convenience init(perMinute: Int) {
        let start = ContinuousClock.now
        self.init(perMinute: perMinute) { ContinuousClock.now - start }
    }

    /// The same by another clock.
    package init(perMinute: Int, now: @escaping @Sendable () -> Duration) {
        state = Mutex(State(rates: AddressRates(perMinute: perMinute, maximumAddresses: Self.maximumAddresses)))
        self.now = now
    }

    /// Lets a login be started, or answers 429.
    ///
    /// Where the browser's address isn't known, because there is none or it would be a proxy's, everybody would share one
    /// limit: then there is none.
    func admit(_ new: NewLogin, _ visit: Visit) throws(ServerError) {
        guard let address = visit.clientAddress, !visit.settings.trustedProxies.contains(address) else { return }
        let now = now()
        let refusal = state.withLock { state -> (wait: Duration, line: Int?)? in
            guard let wait = state.rates.admit(address, at: now) else { return nil }
            return (wait, state.throttle.record(at: .now))
        }
        guard let refusal else { return }
        ServerMetrics.loginRefused()
        if let count = refusal.line {
            visit.logger.warning(
                "Logins were refused: too many from one address",
                metadata: ["attempts": .stringConvertible(count), "address": "\(address)"]
            )
        }
        throw .tooManyLogins(new, retryAfter: refusal.wait)
    }
}

extension ServerError {
    fileprivate static func tooManyLogins(_ new: NewLogin, retryAfter: Duration) -> ServerError {
        var error = ServerError(
            .tooManyRequests,
            "too_many_requests",
            "Too many sign-ins were started from your network. Please try again in a moment."
        )
        let (seconds, attoseconds) = retryAfter.components
        error.retryAfter = Int(seconds) + (attoseconds > 0 ? 1 : 0)
        error.retry = new
        error.isReported = true
        return error
    }
}
