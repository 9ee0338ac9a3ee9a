import CLibpq

extension PostgresError {
    /// Where the fields of an error answer are: PostgreSQL documentation, "Error and Notice Message Fields".
    private enum Field {
        static let severity = Int32(UInt8(ascii: "V"))
        static let sqlState = Int32(UInt8(ascii: "C"))
        static let message = Int32(UInt8(ascii: "M"))
        static let constraint = Int32(UInt8(ascii: "n"))
    }

    /// Whether an error answer also ends the session (FATAL, PANIC), or did not come from the server at all.
    static func endsSession(_ answer: OpaquePointer) -> Bool {
        guard let severity = field(answer, Field.severity) else { return true }
        return severity == "FATAL" || severity == "PANIC"
    }

    /// The error in a server's answer, without whatever could quote a value.
    init(answer: OpaquePointer) {
        let sqlState = Self.field(answer, Field.sqlState) ?? "XX000"
        self.init(
            // 57014, query_canceled, is what statement_timeout ends a statement with.
            code: sqlState == "57014" ? .timeout : .server,
            sqlState: sqlState,
            message: Self.safeMessage(sqlState, Self.field(answer, Field.message) ?? ""),
            constraint: Self.field(answer, Field.constraint)
        )
    }

    static func sqlState(of answer: OpaquePointer) -> String? {
        field(answer, Field.sqlState)
    }

    private static func field(_ answer: OpaquePointer, _ field: Int32) -> String? {
        PQresultErrorField(answer, field).map { String(cString: $0) }
    }

    /// The classes whose primary messages are made of fixed words and the names of database objects.
    ///
    /// Others quote values ("invalid input syntax for type integer: …", RAISE in a function) and get fixed words.
    private static let classesWithoutValues: Set<Substring> = [
        "08", "0A", "25", "28", "2B", "3D", "3F", "40", "42", "53", "54", "55", "57", "58",
    ]

    private static func safeMessage(_ sqlState: String, _ message: String) -> String {
        let group = sqlState.prefix(2)
        if classesWithoutValues.contains(group) { return message }
        if let known = conditions[sqlState] { return known }
        switch group {
        case "22": return "the server refused a value"
        case "23": return "a constraint was violated"
        case "P0": return "a function of the database raised an exception"
        default: return "the server refused the statement"
        }
    }

    private static let conditions = [
        "22001": "a value is too long for its column",
        "22003": "a number is out of its type's range",
        "22021": "a text has a character that the database can't store",
        "22P02": "a value is not valid for its type",
        "22P03": "a binary value is not valid for its type",
        "23502": "a column that must not be NULL was given NULL",
        "23503": "a foreign key constraint was violated",
        "23505": "a unique constraint was violated",
        "23514": "a check constraint was violated",
    ]
}
