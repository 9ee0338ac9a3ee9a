import Synchronization

/// A few equal connections; a request goes to the one with the least to do.
final class ConnectionPool: Sendable {
    let mailboxes: [Mailbox]
    private let bound: QueueBound

    init(size: Int, bound: QueueBound) {
        mailboxes = (0..<size).map { _ in Mailbox() }
        self.bound = bound
    }

    var isConnected: Bool {
        mailboxes.contains { $0.isConnected.load(ordering: .relaxed) }
    }

    /// Hands a request to a connection, or says why not.
    func submit(_ request: Request) -> PostgresError? {
        guard bound.enter() else {
            return PostgresError(code: .busy, message: "too many requests wait for the database already")
        }
        request.holdPlace(in: bound)
        if place(request, onlyConnected: false) { return nil }
        request.leavePlace()
        return PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Takes a request over from a connection that is down.
    func passOn(_ request: Request) -> Bool {
        place(request, onlyConnected: true)
    }

    private func place(_ request: Request, onlyConnected: Bool) -> Bool {
        if mailboxes.count == 1 {
            return !onlyConnected && mailboxes[0].submit(request) == nil
        }
        for mailbox in mailboxes.sortedByLoad() {
            if onlyConnected, !mailbox.isConnected.load(ordering: .relaxed) { continue }
            if mailbox.submit(request) == nil { return true }
        }
        return false
    }
}

extension [Mailbox] {
    /// Connected ones first, then by what they have to do.
    func sortedByLoad() -> [Mailbox] {
        map { mailbox in
            let isDown = !mailbox.isConnected.load(ordering: .relaxed)
            return (isDown, mailbox.load.load(ordering: .relaxed), mailbox)
        }
        .sorted { ($0.0 ? 1 : 0, $0.1) < ($1.0 ? 1 : 0, $1.1) }
        .map(\.2)
    }
}
