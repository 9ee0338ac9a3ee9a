import Synchronization

/// A value that comes once, for any number who wait for it, each of whom may stop waiting.
final class OneShot<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiting: [Int: CheckedContinuation<Value?, Never>] = [:]
        var cancelled: Set<Int> = []
        var nextNumber = 0
    }

    private let state = Mutex(State())

    /// Tells everybody, now and later; the first value stays.
    func settle(_ value: Value) {
        let waiting = state.withLock { state in
            if state.value == nil { state.value = value }
            defer { state.waiting = [:] }
            return state.waiting.values.map { ($0, state.value) }
        }
        for (continuation, value) in waiting { continuation.resume(returning: value) }
    }

    /// The value; nil when the waiting task is cancelled first.
    func value() async -> Value? {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOver, value) = state.withLock { state -> (Bool, Value?) in
                    if let value = state.value { return (true, value) }
                    if state.cancelled.remove(number) != nil { return (true, nil) }
                    state.waiting[number] = continuation
                    return (false, nil)
                }
                if isOver { continuation.resume(returning: value) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Value?, Never>? in
                if let continuation = state.waiting.removeValue(forKey: number) { return continuation }
                if state.value == nil { state.cancelled.insert(number) }
                return nil
            }
            continuation?.resume(returning: nil)
        }
    }
}
