import CLibpq
import Glibc

extension ConnectionEngine {
    /// Answers the requests whose time is up.
    func expire() {
        while let request = oldestWaiting(), request.deadline <= now || request.isFinished {
            _ = waiting.popFirst { $0 === request }
            refuse(request, waitingError())
        }
        // Whether or not anybody still waits for the answers.
        if !expected.isEmpty, let patience = plan.patience, silentSince.advanced(by: patience) <= now {
            lose(.silent)
        } else if let oldest = oldestExpected(), oldest.deadline <= now {
            // Its answer may still come; the connection itself is judged by its silence.
            oldest.finish(.failure(lateError(oldest)))
        }
    }

    /// The request whose time is up first: what has no deadline, like the end of a scope, may stand before others.
    private func oldestWaiting() -> Request? {
        waiting.first { $0.deadline < .never }
    }

    /// The oldest request that was sent and that somebody still waits for.
    private func oldestExpected() -> Request? {
        expected.first { $0.request.map { !$0.isFinished } ?? false }?.request
    }

    private func waitingError() -> PostgresError {
        if case .ready = link {
            return PostgresError(code: .timeout, message: "the request was not sent within the request timeout")
        }
        return lossError()
    }

    private func lateError(_ request: Request) -> PostgresError {
        switch request.kind {
        case .write(idempotent: false), .transaction, .scoped(_, endsTransaction: true), .script:
            PostgresError(code: .outcomeUnknown, message: "no answer within the request timeout")
        default:
            PostgresError(code: .timeout, message: "no answer within the request timeout")
        }
    }

    /// Waits until the socket, another thread or the clock has something to do.
    func sleep() {
        if lingers() { return }
        guard mailbox.mayFallAsleep() else { return react(to: 0, timeout: now) }
        react(to: 1, timeout: nextDeadline())
        mailbox.stayAwake()
    }

    /// With how many requests about it is worth staying awake, and for how long.
    private var lingerLimit: Int { 16 }
    private var lingerTime: Duration { .microseconds(50) }

    /// Stays awake for a moment when few requests are about: `true` when that was worth it.
    ///
    /// A lone request otherwise pays for two more thread wake-ups than a blocking client: 1 task did 8.7 k reads a
    /// second without and 16 k with it, 8 tasks 38 k and 73 k, pgbench beside them 18 k and 85 k. With many about,
    /// waking up late is what makes batches: without the limit, 64 tasks fell from 170 k to 108 k.
    private func lingers() -> Bool {
        let about = max(recentlyAnswered, inFlight)
        recentlyAnswered = 0
        guard about > 0, about <= lingerLimit, !needsFlush, case .ready = link else { return false }
        let end = MonotonicTime.now.advanced(by: lingerTime)
        descriptors[0] = pollfd(fd: connection.map { PQsocket($0) } ?? -1, events: Int16(interest), revents: 0)
        repeat {
            if mailbox.hasMail { return true }
            if !expected.isEmpty, poll(&descriptors, 1, 0) > 0 {
                receive()
                return true
            }
            sched_yield()
        } while .now < end
        return false
    }

    private func nextDeadline() -> MonotonicTime {
        var next = min(oldestWaiting()?.deadline ?? .never, drainDeadline)
        switch link {
        case .down(let until): next = min(next, until)
        case .connecting(_, let deadline), .preparing(let deadline): next = min(next, deadline)
        case .ready:
            if let oldest = oldestExpected() { next = min(next, oldest.deadline) }
            if !expected.isEmpty, let patience = plan.patience {
                next = min(next, silentSince.advanced(by: patience))
            }
        case .over: break
        }
        return next
    }

    private var interest: Int32 {
        switch link {
        case .down, .over: 0
        case .connecting(PGRES_POLLING_READING, _): POLLIN
        case .connecting: POLLOUT
        case .preparing, .ready: needsFlush ? POLLIN | POLLOUT : POLLIN
        }
    }

    private func react(to wakeUps: nfds_t, timeout: MonotonicTime) {
        let socket = interest == 0 ? -1 : connection.map { PQsocket($0) } ?? -1
        descriptors[0] = pollfd(fd: socket, events: Int16(interest), revents: 0)
        descriptors[1] = pollfd(fd: mailbox.wakeUp.descriptor, events: Int16(POLLIN), revents: 0)
        var milliseconds: Int32
        if timeout == .never {
            milliseconds = -1
        } else {
            // Rounded up, or it would wake just before the deadline and spin towards it.
            let left = max(0, timeout.nanoseconds - now.nanoseconds)
            milliseconds = Int32(min((left + 999_999) / 1_000_000, 60_000))
        }
        // Without its eventfd nobody can wake this thread: it looks by itself.
        if mailbox.wakeUp.descriptor < 0 { milliseconds = milliseconds < 0 ? 20 : min(milliseconds, 20) }
        guard poll(&descriptors, 1 + wakeUps, milliseconds) > 0 else { return }
        if descriptors[1].revents != 0 { mailbox.wakeUp.silence() }
        guard descriptors[0].revents != 0 else { return }
        switch link {
        case .connecting(_, let deadline): continueConnecting(until: deadline)
        case .preparing(let deadline): continueSession(until: deadline)
        case .ready: receive()
        case .down, .over: break
        }
    }
}
