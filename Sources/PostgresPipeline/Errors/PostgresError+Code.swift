extension PostgresError {
    /// What kind of failure it was, and so what a caller can do about it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String {
            case unavailable
            case busy
            case timeout
            case server
            case outcomeUnknown = "outcome_unknown"
            case cancelled
            case decoding
            case invalidArguments = "invalid_arguments"
            case configuration
            case closed
        }

        private let base: Base

        private init(_ base: Base) {
            self.base = base
        }

        /// There is no connection, or it was lost before the request could have had an effect.
        public static let unavailable = Code(.unavailable)
        /// Too many requests wait already; this one was refused at once and had no effect.
        public static let busy = Code(.busy)
        /// The server stopped the statement at its `statement_timeout`, or no answer came within the request timeout.
        public static let timeout = Code(.timeout)
        /// The server refused the statement; ``PostgresError/sqlState`` says why.
        public static let server = Code(.server)
        /// A write was sent and the connection was lost before its answer: it may or may not have been committed.
        public static let outcomeUnknown = Code(.outcomeUnknown)
        /// The awaiting task was cancelled; a write that was already sent may still take effect.
        public static let cancelled = Code(.cancelled)
        /// A column does not hold what was asked of it.
        public static let decoding = Code(.decoding)
        /// The values do not fit the statement's declared parameters; nothing was sent.
        public static let invalidArguments = Code(.invalidArguments)
        /// The connection string is malformed or names an option that libpq does not know.
        public static let configuration = Code(.configuration)
        /// The client was shut down.
        public static let closed = Code(.closed)

        /// A stable lower-case word.
        public var description: String { base.rawValue }
    }
}
