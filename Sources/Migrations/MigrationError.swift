/// Why a migration or a check of the schema did not succeed.
///
/// The description is one line for the operator: it names the file and the SQLSTATE, and never a row's contents.
public struct MigrationError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, stable enough to branch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case badName, duplicate, gap, empty, unreadable
            case editedFile, newerDatabase, missingFile, outOfOrder, pending
            case foreignHistory, unexpectedTable, failed, endedTransaction, unavailable, encoding
        }
        private let kind: Kind

        /// A `.sql` file whose name is not that of a migration.
        public static let badName = Code(kind: .badName)
        /// Two files with one number.
        public static let duplicate = Code(kind: .duplicate)
        /// A number that no file has, between others.
        public static let gap = Code(kind: .gap)
        /// A source without files.
        public static let empty = Code(kind: .empty)
        /// A file or folder that can't be read, or is not text.
        public static let unreadable = Code(kind: .unreadable)
        /// A file was changed after it had been applied.
        public static let editedFile = Code(kind: .editedFile)
        /// The database has migrations that this program does not know.
        public static let newerDatabase = Code(kind: .newerDatabase)
        /// An applied migration between known ones has no file.
        public static let missingFile = Code(kind: .missingFile)
        /// A file that was not applied comes before one that was.
        public static let outOfOrder = Code(kind: .outOfOrder)
        /// Migrations wait to be applied.
        public static let pending = Code(kind: .pending)
        /// There is a `schema_migrations` table, made by something else.
        public static let foreignHistory = Code(kind: .foreignHistory)
        /// A table is there already and is not the one to take over.
        public static let unexpectedTable = Code(kind: .unexpectedTable)
        /// A file failed and was rolled back.
        public static let failed = Code(kind: .failed)
        /// A file committed or rolled back by itself.
        public static let endedTransaction = Code(kind: .endedTransaction)
        /// The database holds texts in another encoding than UTF-8.
        public static let encoding = Code(kind: .encoding)
        /// The database cannot be reached, or the connection was lost; trying again may help.
        public static let unavailable = Code(kind: .unavailable)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What went wrong.
    public let code: Code

    /// One line for the operator.
    public let message: String

    /// The file that it is about.
    public let fileName: String?

    /// The server's SQLSTATE, when the server refused something.
    public let sqlState: String?

    /// The error behind this one.
    public let underlying: (any Error)?

    init(
        _ code: Code,
        _ message: String,
        fileName: String? = nil,
        sqlState: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.fileName = fileName
        self.sqlState = sqlState
        self.underlying = underlying
    }

    /// The message.
    public var description: String { message }

    /// One of a small fixed set of words, for a metric's label.
    public var metricLabel: String { code.description }
}
