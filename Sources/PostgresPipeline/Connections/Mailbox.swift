import Synchronization

/// What tasks and one connection's thread share: the requests on their way to it, and what others may know of it.
final class Mailbox: Sendable {
    enum Phase: Sendable {
        case open
        /// Answers what it has, accepts nothing new but the statements of scopes that are open, then ends.
        case draining
        /// Ends now.
        case stopped
    }

    enum Refusal {
        /// Somebody has the connection for himself.
        case leased
        case closed
    }

    private struct State {
        var arrivals: [Request] = []
        var phase = Phase.open
        var isLeased = false
        var hasEnded = false
        var awaitingEnd: [UnsafeContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let asleep = Atomic<Bool>(false)
    let wakeUp: WakeUp
    /// Requests accepted and not yet answered.
    let load = Atomic<Int>(0)
    /// Whether requests sent now would reach the server.
    let isConnected = Atomic<Bool>(false)

    init(wakeUp: WakeUp = WakeUp()) {
        self.wakeUp = wakeUp
    }

    /// Hands a request to the connection's thread, and wakes it if it sleeps.
    func submit(_ request: Request) -> Refusal? {
        let refusal = state.withLock { state -> Refusal? in
            if request.isCounted {
                if state.phase != .open { return .closed }
                if state.isLeased { return .leased }
            }
            if state.phase == .stopped { return .closed }
            load.wrappingAdd(1, ordering: .relaxed)
            state.arrivals.append(request)
            return nil
        }
        if refusal == nil { wake() }
        return refusal
    }

    /// Exchanges the arrivals for an empty array, whose capacity is used again.
    func takeArrivals(into taken: inout [Request]) -> (phase: Phase, isLeased: Bool) {
        state.withLock { state in
            swap(&state.arrivals, &taken)
            return (state.phase, state.isLeased)
        }
    }

    var hasMail: Bool { state.withLock { !$0.arrivals.isEmpty } }

    /// Says that the thread is about to sleep; `false` when something arrived meanwhile and it must not.
    func mayFallAsleep() -> Bool {
        asleep.store(true, ordering: .sequentiallyConsistent)
        let hasMail = hasMail
        if hasMail { asleep.store(false, ordering: .relaxed) }
        return !hasMail
    }

    /// Says that the thread is awake: until it sleeps again, nobody needs to ring.
    func stayAwake() {
        asleep.store(false, ordering: .sequentiallyConsistent)
    }

    private func wake() {
        if asleep.exchange(false, ordering: .sequentiallyConsistent) { wakeUp.ring() }
    }

    /// Keeps everybody but the holder of the lease out; `false` when somebody holds it already.
    func lease() -> Bool {
        state.withLock { state in
            guard !state.isLeased, state.phase == .open else { return false }
            state.isLeased = true
            return true
        }
    }

    /// Lets everybody in again.
    func endLease() {
        let phase = state.withLock { state in
            state.isLeased = false
            return state.phase
        }
        // A thread that drains waits for this, and may have looked just before: nothing arrives that would stop it from
        // falling asleep.
        if phase != .open { wakeUp.ring() }
    }

    /// Asks the thread to end; a later phase never becomes an earlier one.
    func close(_ phase: Phase) {
        state.withLock { state in
            if state.phase != .stopped { state.phase = phase }
        }
        // Rings even when it is awake: it may have looked at the phase just before.
        wakeUp.ring()
    }

    /// Called by the thread as its last act: answers the requests that came too late.
    func end() -> [Request] {
        let (late, awaiting) = state.withLock { state in
            state.phase = .stopped
            state.hasEnded = true
            defer {
                state.arrivals = []
                state.awaitingEnd = []
            }
            return (state.arrivals, state.awaitingEnd)
        }
        for continuation in awaiting { continuation.resume() }
        return late
    }

    /// Waits until the thread has ended and its connection is closed.
    func waitForEnd() async {
        await withUnsafeContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.awaitingEnd.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }
}
