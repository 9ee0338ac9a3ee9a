/// How a transaction runs.
public struct TransactionOptions: Sendable, Hashable {
    /// What a transaction sees of others that run beside it.
    public struct Isolation: Sendable, Hashable {
        let sql: String

        /// Each statement sees what was committed before it began.
        public static let readCommitted = Isolation(sql: "READ COMMITTED")
        /// All statements see what was committed before the first; conflicts fail with SQLSTATE 40001.
        public static let repeatableRead = Isolation(sql: "REPEATABLE READ")
        /// As if transactions ran one after another; conflicts fail with SQLSTATE 40001.
        public static let serializable = Isolation(sql: "SERIALIZABLE")
    }

    /// Whether the commit waits until it is on disk; without, a crash of the server may lose its last half second.
    public var synchronousCommit: Bool = true
    /// The isolation level; `nil` leaves the server's default.
    public var isolation: Isolation?
    /// Whether the transaction may only read.
    public var readOnly: Bool = false

    /// Options; the defaults are the server's.
    public init(synchronousCommit: Bool = true, isolation: Isolation? = nil, readOnly: Bool = false) {
        self.synchronousCommit = synchronousCommit
        self.isolation = isolation
        self.readOnly = readOnly
    }
}
