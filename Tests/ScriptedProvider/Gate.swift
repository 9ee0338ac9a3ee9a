import Patience
import Synchronization

/// Holds whoever passes until it is opened, and tells how many wait.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var arrivals = 0
    }

    private let state = Mutex(State())

    /// Creates a closed gate.
    public init() {}

    /// Waits until the gate is open.
    public func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.arrivals += 1
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Waits until so many have come to the gate.
    ///
    /// - Throws: ``NeverHappened`` when they have not come in five minutes; the gate is open then, so that those who
    ///   have come don't keep the test from its end.
    public func arrived(_ count: Int = 1) async throws {
        do {
            try await eventually("\(count) at the gate") { state.withLock { $0.arrivals } >= count }
        } catch {
            open()
            throw error
        }
    }

    /// Lets everyone through, now and later.
    public func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
