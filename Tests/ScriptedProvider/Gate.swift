import Patience
import Synchronization

/// Holds whoever passes until it is opened, and tells how many wait.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrivals = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Those that were cancelled before they waited.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Creates a closed gate.
    public init() {}

    /// Waits until the gate is open, or the task is cancelled: a test that fails before it opens it must end.
    public func pass() async {
        let number = state.withLock { state in
            state.arrivals += 1
            return state.arrivals
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayPass = state.withLock { state in
                    if state.isOpen || state.cancelled.remove(number) != nil { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if mayPass { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: number)
                if continuation == nil { state.cancelled.insert(number) }
                return continuation
            }
            continuation?.resume()
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
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }
}
