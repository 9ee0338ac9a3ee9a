public import PostgresPipeline

/// Why an import did not begin or did not get to its end; what it did until then is done, and a second run goes on.
///
/// The description names tables, columns and providers, and never anything else of a row's contents.
public struct ImportError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, stable enough to branch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case noTable, noUsualTable, noAccountTable, wrongTable, tableNeeded, timeZone, noProvider, invalidPlan
            case source, failed
        }

        private let value: Value

        /// There is no such table, or the user of the database may not see it.
        public static let noTable = Code(value: .noTable)
        /// The source has none of the tables that the system usually has, and none was named.
        public static let noUsualTable = Code(value: .noUsualTable)
        /// There is no such table of accounts.
        public static let noAccountTable = Code(value: .noAccountTable)
        /// The system's table has no usual name, so it has to be named.
        public static let tableNeeded = Code(value: .tableNeeded)
        /// The source's database knows no such time zone.
        public static let timeZone = Code(value: .timeZone)
        /// No account is of that provider, and there are accounts of others.
        public static let noProvider = Code(value: .noProvider)
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
