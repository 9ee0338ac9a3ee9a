/// What is known of one document, and what follows from it: all the rules of ``DocumentCache`` without its waiting.
struct CacheState<Value: Sendable>: Sendable {
    /// A document and which fetch it came from.
    struct Entry: Sendable {
        let value: Value
        let version: Int
        fileprivate let fetchedAt: Duration
        fileprivate var lifetime: Duration
    }

    enum Decision: Sendable {
        case use(Entry)
        case fetch
        case fail(any Error)
        /// The document has been looked for again not long ago, and there was nothing new.
        case nothingNewer
    }

    let policy: CachePolicy
    private var entry: Entry?
    private var failure: (error: any Error, at: Duration)?
    private var lastSearch: Duration?
    private var version = 0

    init(policy: CachePolicy) {
        self.policy = policy
    }

    // MARK: Questions

    /// What a reader gets who comes now.
    ///
    /// Of those who find an expired document in the cache, one waits for the provider; who comes while that lasts goes
    /// on with what there is, so that a provider that hangs does not hold every login until the deadline.
    func read(at now: Duration, isFetching: Bool) -> Decision {
        if let entry, now - entry.fetchedAt < entry.lifetime { return .use(entry) }
        let usable = staleEntry(at: now)
        if isFetching, let usable { return .use(usable) }
        if let failure, now - failure.at < (usable == nil ? policy.failurePause : policy.coolDown) {
            return usable.map(Decision.use) ?? .fail(failure.error)
        }
        return .fetch
    }

    /// What a reader gets who has waited for a fetch.
    func readAfterFetch(at now: Duration) -> Decision {
        if let usable = staleEntry(at: now) { return .use(usable) }
        return failure.map { .fail($0.error) } ?? .fetch
    }

    /// What a reader gets who did not find what it needs in the document of this version.
    func search(beyond version: Int, at now: Duration) -> Decision {
        if let entry, entry.version != version { return .use(entry) }
        guard let lastSearch, now - lastSearch < policy.coolDown else { return .fetch }
        return searchAfterFetch(beyond: version, since: lastSearch)
    }

    func searchAfterFetch(beyond version: Int, since start: Duration) -> Decision {
        if let entry, entry.version != version { return .use(entry) }
        if let failure, failure.at >= start { return .fail(failure.error) }
        return .nothingNewer
    }

    private func staleEntry(at now: Duration) -> Entry? {
        entry.flatMap { now - $0.fetchedAt < $0.lifetime + policy.staleUse ? $0 : nil }
    }

    // MARK: Events

    mutating func searchStarts(at now: Duration) {
        lastSearch = now
    }

    mutating func fetched(_ value: Value, statedLifetime: Duration?, at now: Duration) {
        version += 1
        entry = Entry(
            value: value,
            version: version,
            fetchedAt: now,
            lifetime: policy.lifetime(stated: statedLifetime)
        )
        failure = nil
    }

    /// Keeps the last good document: an outage, or a document that is not usable, takes nothing away.
    mutating func failed(_ error: any Error, at now: Duration) {
        failure = (error, now)
    }

    /// Ends the lifetime of the document now; it stays usable during an outage.
    mutating func expire(at now: Duration) {
        guard var expired = entry else { return }
        expired.lifetime = min(expired.lifetime, now - expired.fetchedAt)
        entry = expired
    }
}
