import Synchronization

/// Counts the authorization requests that are being pushed to one host.
///
/// A start of a login costs a stranger nothing. As many at once as the transport has connections to the provider would
/// leave none to the callbacks, whose codes are lost then, and to refreshes.
final class PushesInFlight: Sendable {
    /// A quarter of the connections that the transport opens to one host.
    static let maximum = 8
    /// How long whoever is refused should wait: a push that succeeds takes less.
    private static let pause = Duration.seconds(2)

    private let count = Mutex(0)

    /// Counts one more, which ``end()`` takes back.
    ///
    /// - Throws: ``OpenIDConnectError/Code/tooManyPushedRequests`` at once when there are as many as there may be: in a
    ///   queue, a stranger's would stand before everybody's.
    func begin() throws(OpenIDConnectError) {
        let isOne = count.withLock { count in
            guard count < Self.maximum else { return false }
            count += 1
            return true
        }
        guard isOne else {
            throw OpenIDConnectError(
                .tooManyPushedRequests,
                "\(Self.maximum) pushed authorization requests are with the provider already",
                retryAfter: Self.pause
            )
        }
    }

    func end() {
        count.withLock { $0 -= 1 }
    }
}
