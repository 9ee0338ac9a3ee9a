/// A document of the provider, fetched by one request however many callers wait for it.
actor DocumentCache<Value: Sendable> {
    typealias Entry = CacheState<Value>.Entry
    typealias Fetched = (value: Value, statedLifetime: Duration?)

    private let clock: any WallClock
    private var state: CacheState<Value>
    private var flight: Task<Void, Never>?
    private var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var lastWaiter = 0

    init(policy: CachePolicy, clock: any WallClock) {
        self.state = CacheState(policy: policy)
        self.clock = clock
    }

    /// The document: fresh, or stale when the provider cannot be asked, or is being asked for another caller.
    ///
    /// - Throws: the error of the last fetch, or `CancellationError`.
    func entry(fetch: @escaping @Sendable () async throws -> Fetched) async throws -> Entry {
        var decision = state.read(at: clock.uptime(), isFetching: flight != nil)
        if case .fetch = decision {
            try await join(fetch)
            decision = state.readAfterFetch(at: clock.uptime())
        }
        // A fetch leaves a document or a failure behind, so there is always one of the two.
        guard let entry = try resolve(decision) else { throw CancellationError() }
        return entry
    }

    /// A later document than the one of this version, which lacks what the caller needs.
    ///
    /// At most one request in each cool-down, whoever asks.
    /// - Returns: nil when there is none.
    func entry(beyond version: Int, fetch: @escaping @Sendable () async throws -> Fetched) async throws -> Entry? {
        let start = clock.uptime()
        var decision = state.search(beyond: version, at: start)
        switch decision {
        case .use: break
        case _ where flight != nil:
            // Whoever misses the same key waits for the search that another has started.
            try await join(fetch)
            decision = state.searchAfterFetch(beyond: version, since: start)
        case .fetch:
            state.searchStarts(at: start)
            try await join(fetch)
            decision = state.searchAfterFetch(beyond: version, since: start)
        case .fail, .nothingNewer: break
        }
        return try resolve(decision)
    }

    /// Makes the next caller ask the provider again.
    func expire() {
        state.expire(at: clock.uptime())
    }

    private func resolve(_ decision: CacheState<Value>.Decision) throws -> Entry? {
        switch decision {
        case .use(let entry): return entry
        case .fail(let error): throw error
        case .nothingNewer, .fetch: return nil
        }
    }

    /// Waits for the fetch in flight, or starts one.
    ///
    /// The fetch is a task of its own, so that the caller who happened to come first may be cancelled without failing
    /// those who wait with it. Its time is bounded by the deadline of the request. Who is cancelled returns at once.
    private func join(_ fetch: @escaping @Sendable () async throws -> Fetched) async throws {
        if flight == nil { flight = Task { await self.run(fetch) } }
        lastWaiter += 1
        let waiter = lastWaiter
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // A cancellation before this line finds nobody to wake.
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                waiters[waiter] = continuation
            }
        } onCancel: {
            Task { await self.cancel(waiter) }
        }
        try Task.checkCancellation()
    }

    private func cancel(_ waiter: Int) {
        waiters.removeValue(forKey: waiter)?.resume(throwing: CancellationError())
    }

    private func run(_ fetch: @Sendable () async throws -> Fetched) async {
        do {
            let fetched = try await fetch()
            state.fetched(fetched.value, statedLifetime: fetched.statedLifetime, at: clock.uptime())
        } catch {
            state.failed(error, at: clock.uptime())
        }
        flight = nil
        let ready = waiters
        waiters = [:]
        for continuation in ready.values { continuation.resume() }
    }
}
