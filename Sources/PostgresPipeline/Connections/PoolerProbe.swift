import CLibpq
import Glibc
import Synchronization

/// Finds out whether a connection pooler gives each transaction another session of the server.
///
/// There, what a session is told lasts for one transaction and is then somebody else's: `statement_timeout`, prepared
/// statements, and advisory locks that nobody can give back. PgBouncer doesn't say how it pools, so it is tried out:
/// two clients that find themselves in the same process of the server share it, and one that finds itself in another
/// than before has none of its own.
final class PoolerProbe: Sendable {
    /// Answers the process that the session runs in.
    static let identification = "SELECT pg_backend_pid()"
    /// PgBouncer lends the session that was given back last, so that one round is enough unless others come in between,
    /// on a busy machine many times.
    private static let rounds = 64

    /// One connection tries it out at a time: the others would come in between.
    private let hasSessions = Mutex(false)

    /// Tries it out, once for all connections that have the same pooler; it blocks the calling thread, which is a
    /// connection's own.
    ///
    /// - Returns: false, too, when the pooler has no second session to lend: one that shares has.
    func sharesSessions(of engine: ConnectionEngine, _ deadline: MonotonicTime) -> Bool {
        hasSessions.withLock { hasSessions in
            guard !hasSessions, let first = engine.connection else { return false }
            let second = engine.plan.connectionString.startConnecting(
                applicationName: engine.plan.applicationName,
                rotation: engine.rotation
            )
            defer { PQfinish(second) }
            if let second, Self.connect(second, deadline), Self.share(first, second, deadline) { return true }
            hasSessions = true
            return false
        }
    }

    private static func share(_ first: OpaquePointer, _ second: OpaquePointer, _ deadline: MonotonicTime) -> Bool {
        var before: Int32?
        for _ in 0..<rounds {
            let one = process(first, identification, deadline)
            // Held until the end of its transaction, so that it isn't lent back to the first one meanwhile.
            let other = process(second, "BEGIN; \(identification)", deadline)
            if isPooledByStatement(second) || one != nil && (one == other || before != nil && one != before) {
                return true
            }
            guard one != nil, other != nil, process(second, "ROLLBACK; SELECT 0", deadline) != nil else { return false }
            before = one
        }
        return false
    }

    /// The number in an answer to ``identification``.
    static func process(in result: OpaquePointer) -> Int32? {
        guard PQresultStatus(result) == PGRES_TUPLES_OK, let text = PQgetvalue(result, 0, 0) else { return nil }
        return Int32(String(cString: text))
    }

    /// Pooling by statement knows no transactions at all: 08P01, and the end of the connection.
    private static func isPooledByStatement(_ connection: OpaquePointer) -> Bool {
        PQerrorMessage(connection).map { String(cString: $0).contains("statement pooling") } ?? false
    }

    private static func connect(_ connection: OpaquePointer, _ deadline: MonotonicTime) -> Bool {
        var status = PGRES_POLLING_WRITING
        while status != PGRES_POLLING_OK {
            guard PQstatus(connection) != CONNECTION_BAD, status != PGRES_POLLING_FAILED,
                wait(connection, status == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)
            else { return false }
            status = PQconnectPoll(connection)
        }
        return true
    }

    /// Sends a script and answers the number in its last result that has one.
    private static func process(_ connection: OpaquePointer, _ script: String, _ deadline: MonotonicTime) -> Int32? {
        guard PQsendQuery(connection, script) == 1 else { return nil }
        var answer: Int32?
        while true {
            while PQflush(connection) == 1 {
                guard wait(connection, POLLOUT, deadline) else { return nil }
            }
            while PQisBusy(connection) == 1 {
                guard wait(connection, POLLIN, deadline), PQconsumeInput(connection) == 1 else { return nil }
            }
            guard let result = PQgetResult(connection) else { return answer }
            if PQresultStatus(result) == PGRES_TUPLES_OK { answer = process(in: result) }
            PQclear(result)
        }
    }

    private static func wait(_ connection: OpaquePointer, _ events: Int32, _ deadline: MonotonicTime) -> Bool {
        let left = (deadline.nanoseconds - MonotonicTime.now.nanoseconds) / 1_000_000
        guard left > 0 else { return false }
        var descriptor = pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0)
        return poll(&descriptor, 1, Int32(clamping: left)) > 0
    }
}
