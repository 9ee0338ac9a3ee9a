public import Logging
public import PostgresPipeline
import Synchronization

/// Sessions in Postgres: the table that `migrations/` makes.
///
/// Any number of processes share one table. Values that a dump mustn't give away are sealed with the ring's first key,
/// and opened with any; ids are stored as digests.
///
/// A session with a value that can't be opened (its key left the ring, or somebody moved or changed the value) is no
/// session: its holder signs in again. It isn't deleted, so that putting the key back brings it back; it is logged once
/// as a warning with its handle, and counted in `oidc_sessions_unreadable_total`. Failing the request instead would
/// lock such a browser out until its cookie ends.
public final class PostgresSessionStore: SessionStore {
    let client: PostgresClient
    let logger: Logger
    let startsInFlight = LoginStartsInFlight()
    private let currentKeyRing: Mutex<KeyRing>
    private let reportedHandles = Mutex<Set<SessionHandle>>([])

    /// A store over a client that somebody else runs.
    public init(client: PostgresClient, keyRing: KeyRing, logger: Logger) {
        self.client = client
        self.currentKeyRing = Mutex(keyRing)
        self.logger = logger
    }

    /// The keys in force.
    ///
    /// What seals, or names the sealing key, more than once asks once: they may change in between.
    public var keyRing: KeyRing { currentKeyRing.withLock { $0 } }

    /// Seals and opens with other keys from now on; what is under way ends with those that it began with.
    public func use(_ keyRing: KeyRing) { currentKeyRing.withLock { $0 = keyRing } }

    /// Logs a row that can't be opened, once.
    func reportUnreadable(_ handle: SessionHandle, _ error: SessionError) {
        SessionMetrics.unreadable()
        let isNew = reportedHandles.withLock { handles in
            // A rotated-out key makes many at once: after so many, the metric tells the rest.
            handles.count < 1000 && handles.insert(handle).inserted
        }
        if isNew {
            logger.warning(
                "A stored session can't be opened and counts as none",
                metadata: ["session": "\(handle)", "error": "\(error)"]
            )
        }
    }
}

extension SessionManager {
    /// A manager over Postgres.
    /// - Parameters:
    ///   - client: Run by somebody else, longer than the manager.
    ///   - keyRing: The first key seals, all of them open.
    ///   - policy: How long things live.
    ///   - logger: Gets a line for start, shutdown and each cleaning run, and nothing secret.
    public convenience init(
        client: PostgresClient,
        keyRing: KeyRing,
        policy: SessionPolicy = SessionPolicy(),
        logger: Logger
    ) {
        let store = PostgresSessionStore(client: client, keyRing: keyRing, logger: logger)
        self.init(store: store, policy: policy, logger: logger)
    }
}
