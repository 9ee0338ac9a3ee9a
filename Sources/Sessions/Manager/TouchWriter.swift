import Logging
import Synchronization

/// Collects uses of sessions and writes them in batches.
///
/// A touch is worth little and costs a write, so: one for a session at a time, many in one statement, a bounded number
/// waiting, and given up after a few failed attempts. Reads never wait for it.
final class TouchWriter: Sendable {
    private struct State {
        /// When each session was last used.
        var waiting: [SessionID: Duration] = [:]
        /// Those that are being written.
        var writing: Set<SessionID> = []
    }

    private static let maximumWaiting = 10_000
    private static let batchSize = 500
    private static let interval = Duration.milliseconds(250)
    private static let attempts = 3

    private let store: any SessionStore
    private let policy: SessionPolicy
    private let logger: Logger
    private let clock: MonotonicClock
    private let state = Mutex(State())
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init(store: any SessionStore, policy: SessionPolicy, logger: Logger, clock: MonotonicClock) {
        self.store = store
        self.policy = policy
        self.logger = logger
        self.clock = clock
        (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Remembers that a session is used now.
    func add(_ id: SessionID) {
        let now = clock.now()
        let isDropped = state.withLock { state in
            if state.writing.contains(id) { return false }
            if state.waiting[id] == nil, state.waiting.count >= Self.maximumWaiting { return true }
            state.waiting[id] = now
            return false
        }
        if isDropped {
            SessionMetrics.touchesDropped(1)
        } else {
            wakeUp.yield()
        }
    }

    /// Forgets a session that is being ended, to spare a statement; the statement itself never revives one.
    func forget(_ id: SessionID) {
        state.withLock { _ = $0.waiting.removeValue(forKey: id) }
    }

    /// Writes what comes, until the task is cancelled.
    func run() async {
        for await _ in wakeUps {
            // What comes during the pause goes into the same statement.
            guard (try? await clock.sleep(Self.interval)) != nil else { return }
            await flush()
        }
    }

    /// Writes everything that waits now.
    func flush() async {
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(Self.batchSize))
                for (id, _) in batch {
                    state.waiting.removeValue(forKey: id)
                    state.writing.insert(id)
                }
                return batch
            }
            if batch.isEmpty { return }
            await write(batch)
            state.withLock { $0.writing.subtract(batch.map(\.key)) }
        }
    }

    private func write(_ batch: [(key: SessionID, value: Duration)]) async {
        for attempt in 1...Self.attempts {
            let now = clock.now()
            let touches = batch.map { SessionTouch(id: $0.key, age: max(.zero, now - $0.value)) }
            do {
                SessionMetrics.touchesWritten(try await store.touch(touches, policy: policy))
                return
            } catch {
                let isLast = attempt == Self.attempts || !error.isTransient
                if !isLast, (try? await clock.sleep(Self.interval * (1 << attempt))) != nil { continue }
                SessionMetrics.touchesDropped(batch.count)
                logger.debug(
                    "Touches dropped",
                    metadata: ["count": .stringConvertible(batch.count), "error": "\(error)"]
                )
                return
            }
        }
    }
}
