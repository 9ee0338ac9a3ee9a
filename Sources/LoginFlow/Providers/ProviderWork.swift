public import Logging
import OpenIDConnect
import Sessions
import Synchronization

/// What is done at providers that nobody waits for, within bounds that hold for all flows that share this: refreshes of
/// sessions that are only read, and refresh tokens that are taken back.
///
/// The transport's connections are counted by host, whoever opens them. So are these, or the tenants of a process would
/// together take all of them from a provider that hangs, and leave none to logins.
public final class ProviderWork: Sendable {
    let revoker: TokenRevoker
    private let refreshes = Mutex<[String: Int]>([:])

    /// Nothing to do yet.
    public convenience init(logger: Logger) {
        self.init(logger: logger, pacing: RevocationPacing(), clock: MonotonicClock(ContinuousClock()))
    }

    init(logger: Logger, pacing: RevocationPacing, clock: MonotonicClock) {
        revoker = TokenRevoker(pacing: pacing, clock: clock, logger: logger)
    }

    /// Counts one more refresh at a provider's host, which ``endRefresh(at:)`` takes back.
    ///
    /// - Parameter maximum: nil counts it however many there are: a request waits for it.
    /// - Returns: false when there are as many as there may be, and nothing was counted.
    func beginRefresh(at provider: RelyingParty, atMost maximum: Int? = nil) -> Bool {
        let host = provider.configuration.issuerOrigin
        return refreshes.withLock { refreshes in
            let count = refreshes[host, default: 0]
            if let maximum, count >= maximum { return false }
            refreshes[host] = count + 1
            return true
        }
    }

    func endRefresh(at provider: RelyingParty) {
        let host = provider.configuration.issuerOrigin
        refreshes.withLock { refreshes in
            let count = refreshes[host, default: 0] - 1
            refreshes[host] = count > 0 ? count : nil
        }
    }
}
