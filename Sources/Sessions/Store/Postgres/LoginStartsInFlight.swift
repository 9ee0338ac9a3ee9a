import Synchronization

/// Counts the logins that are being stored.
///
/// A start of a login costs a stranger nothing. While the database is slow they would fill the queues of the
/// connections, and with them completed logins and sign-outs would wait, and be refused, too.
final class LoginStartsInFlight: Sendable {
    /// Many times what a database that keeps up ever has at once: at 1,000 starts a second, less than ten.
    static let maximum = 256

    private let count = Atomic(0)

    /// How many there are.
    var current: Int { count.load(ordering: .relaxed) }

    /// Counts one more, which ``end()`` takes back.
    ///
    /// - Throws: ``SessionError/Code/busy`` at once when there are as many as there may be.
    func begin() throws(SessionError) {
        guard count.add(1, ordering: .relaxed).newValue <= Self.maximum else {
            end()
            throw SessionError(.busy, "\(Self.maximum) logins are being started already")
        }
    }

    func end() {
        count.subtract(1, ordering: .relaxed)
    }
}
