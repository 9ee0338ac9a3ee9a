public import PostgresPipeline

/// Why an import did not begin or did not get to its end; what it did until then is done, and a second run goes on.
///
/// The description names tables and columns, and never a row's contents.
public struct ImportError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, stable enough to branch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case noTable, wrongTable, invalidPlan, source, failed
        }

        private let value: Value

        /// There is no such table, or the user of the database may not see it.
        public static let noTable = Code(value: .noTable)
        /// The table isn't of that system: a column is missing, or it is this program's own.
        public static let wrongTable = Code(value: .wrongTable)
        /// The plan contradicts itself.
        public static let invalidPlan = Code(value: .invalidPlan)
        /// The source's database refused or can't be reached.
        public static let source = Code(value: .source)
        /// Something that should not happen.
        public static let failed = Code(value: .failed)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What went wrong.
    public let code: Code
    /// One line for the operator.
    public let message: String
    /// What the source's database said.
    public let underlying: PostgresError?

    init(_ code: Code, _ message: String, underlying: PostgresError? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    init(_ error: PostgresError) {
        self.init(.source, "the source's database: \(error)", underlying: error)
    }

    /// The message.
    public var description: String { message }

    /// A label of bounded variety.
    public var metricLabel: String { code.description }
}
