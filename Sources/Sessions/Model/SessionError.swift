/// A failure of the session store, never "there is no such session": that is nil.
///
/// The description is safe to show to operators: no id, token, value or SQL text is in it.
public struct SessionError: Error, Sendable {
    /// What kind of failure it was; compare with the static members, more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case unavailable
            case busy
            case timeout
            case outcomeUnknown = "outcome_unknown"
            case invalidInput = "invalid_input"
            case tooLarge = "too_large"
            case corrupted
            case cancelled
            case endedByProvider = "ended_by_provider"
            case failed
        }

        private let value: Value

        /// The store can't be reached: answer 503, try again later.
        public static let unavailable = Code(value: .unavailable)
        /// The store has more to do than it takes on: answer 503.
        public static let busy = Code(value: .busy)
        /// The store didn't answer in time: answer 503.
        public static let timeout = Code(value: .timeout)
        /// A write may or may not have happened, and reading back didn't tell either.
        public static let outcomeUnknown = Code(value: .outcomeUnknown)
        /// The caller's value can't be stored.
        public static let invalidInput = Code(value: .invalidInput)
        /// The caller's value is larger than is accepted.
        public static let tooLarge = Code(value: .tooLarge)
        /// What the store answered can't be understood.
        public static let corrupted = Code(value: .corrupted)
        /// The task was cancelled.
        public static let cancelled = Code(value: .cancelled)
        /// The provider has ended the login before it was stored.
        public static let endedByProvider = Code(value: .endedByProvider)
        /// The store refused: a bug or a missing migration.
        public static let failed = Code(value: .failed)

        /// A stable word for logs and metrics.
        public var description: String { value.rawValue }
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened, for the developer; carries no value.
    public let message: String
    /// What caused it.
    public let underlying: (any Error)?

    /// A failure.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// Whether trying again later may work: what a server answers with 503.
    public var isTransient: Bool {
        [.unavailable, .busy, .timeout, .outcomeUnknown].contains(code)
    }

    /// One of a few words.
    public var metricLabel: String { code.description }
}

extension SessionError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The code and the message.
    public var description: String { "\(code): \(message)" }

    /// The same, with the cause.
    public var debugDescription: String {
        underlying.map { "\(description) (\($0))" } ?? description
    }
}
