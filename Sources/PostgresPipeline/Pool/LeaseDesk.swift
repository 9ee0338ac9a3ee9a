import Synchronization

/// Lends connections of a pool to one holder each, in the order in which they were asked for.
///
/// One connection is never lent, so that plain writes always have somewhere to go.
final class LeaseDesk: Sendable {
    private struct State {
        var lent = 0
        var waiters = Fifo<LeaseWaiter>()
    }

    private let mailboxes: [Mailbox]
    private let limit: Int
    private let state = Mutex(State())

    init(mailboxes: [Mailbox]) {
        self.mailboxes = mailboxes
        limit = max(1, mailboxes.count - 1)
    }

    /// Waits for a connection; gives up after `timeout` or when the task is cancelled.
    func lease(timeout: Duration) async throws(PostgresError) -> Mailbox {
        let waiter = LeaseWaiter()
        if let mailbox = takeFree(orWait: waiter) { return mailbox }
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await Task.sleep(for: timeout)) != nil else { return }
                let late = PostgresError(code: .timeout, message: "no connection became free for the transaction")
                _ = waiter.finish(.failure(late))
            }
            let outcome = await waiter.outcome()
            group.cancelAll()
            return outcome
        }
        if case .failure = outcome { state.withLock { _ = $0.waiters.popFirst { $0 === waiter } } }
        return try outcome.get()
    }

    /// Gives a connection back, to the next who waits.
    func giveBack(_ mailbox: Mailbox) {
        state.withLock { state in
            while let waiter = state.waiters.popFirst() {
                if waiter.finish(.success(mailbox)) { return }
            }
            state.lent -= 1
            mailbox.endLease()
        }
    }

    private func takeFree(orWait waiter: LeaseWaiter) -> Mailbox? {
        state.withLock { state in
            if state.lent < limit {
                for mailbox in mailboxes.sortedByLoad() where mailbox.lease() {
                    state.lent += 1
                    return mailbox
                }
                // Only a client that was shut down lends nothing.
                _ = waiter.finish(.failure(PostgresError(code: .closed, message: "the client was shut down")))
                return nil
            }
            state.waiters.append(waiter)
            return nil
        }
    }
}
