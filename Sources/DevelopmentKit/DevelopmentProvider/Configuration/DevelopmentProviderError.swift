/// Why the development provider can't be made.
public struct DevelopmentProviderError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Sendable, Hashable {
        private enum Value: String { case notLoopback, invalidConfiguration, state }
        private let value: Value

        /// The host could be reached from another machine.
        public static let notLoopback = Code(value: .notLoopback)
        /// A setting can't work.
        public static let invalidConfiguration = Code(value: .invalidConfiguration)
        /// The state directory can't be read or written.
        public static let state = Code(value: .state)

        fileprivate var label: String { value.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// One line for the developer; holds no secret.
    public let description: String
    /// The cause, when there is one.
    public let underlying: (any Error)?

    /// The code as a label of a metric: one of three words.
    public var metricLabel: String { code.label }

    init(_ code: Code, _ description: String, underlying: (any Error)? = nil) {
        self.code = code
        self.description = description
        self.underlying = underlying
    }
}
