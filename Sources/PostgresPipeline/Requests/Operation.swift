/// A statement with its values encoded, ready to be sent.
struct Operation: Sendable {
    let statement: PostgresStatement
    /// Each parameter's length as four bytes in the machine's order (-1: NULL), then its bytes: one allocation.
    let parameters: [UInt8]
    /// One of the driver's own statements, which open and end transactions: sent whole each time, never prepared.
    ///
    /// What a server forgot by DISCARD or DEALLOCATE can't be relied on for cleaning up.
    let isControl: Bool

    /// Encodes values in the task that makes the request, so that connection threads don't.
    init(_ statement: PostgresStatement, _ values: [PostgresValue] = []) throws(PostgresError) {
        if let flaw = statement.flaw { throw Self.invalid(statement, flaw) }
        self.statement = statement
        self.isControl = false
        self.parameters = try Self.encode(values, for: statement)
    }

    init(_ bound: BoundStatement) throws(PostgresError) {
        try self.init(bound.statement, bound.values)
    }

    init(control sql: String) {
        statement = PostgresStatement(sql)
        parameters = []
        isControl = true
    }

    static let commit = Operation(control: "COMMIT")
    static let rollback = Operation(control: "ROLLBACK")
    static let nothing = Operation(control: "SELECT")
    static let asynchronousCommit = Operation(control: "SET LOCAL synchronous_commit TO off")

    /// What opens a transaction: BEGIN and what must be set for it.
    static func opening(_ options: TransactionOptions) -> [Operation] {
        var sql = "BEGIN"
        if let isolation = options.isolation { sql += " ISOLATION LEVEL \(isolation.sql)" }
        if options.readOnly { sql += " READ ONLY" }
        return [Operation(control: sql)] + (options.synchronousCommit ? [] : [.asynchronousCommit])
    }

    private static func encode(
        _ values: [PostgresValue],
        for statement: PostgresStatement
    ) throws(PostgresError) -> [UInt8] {
        guard values.count == statement.parameters.count else {
            throw invalid(statement, "takes \(statement.parameters.count) values and was given \(values.count)")
        }
        // The protocol counts parameters in 16 bits.
        guard values.count <= 65_535 else { throw invalid(statement, "has more than 65535 parameters") }
        var size = 0
        for index in values.indices {
            if let type = values[index].type, !type.fits(statement.parameters[index]) {
                let declared = statement.parameters[index].oid
                let what = "declares parameter $\(index + 1) as type \(declared) and was given \(type.oid)"
                throw invalid(statement, what)
            }
            size += 4 + values[index].bytes.count
        }
        guard size <= 1 << 30 else { throw invalid(statement, "was given more than 1 GB of values") }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(size)
        for value in values {
            let length = value.type == nil ? -1 : Int32(truncatingIfNeeded: value.bytes.count)
            withUnsafeBytes(of: length) { encoded.append(contentsOf: $0) }
            encoded.append(contentsOf: value.bytes)
        }
        return encoded
    }

    private static func invalid(_ statement: PostgresStatement, _ what: String) -> PostgresError {
        var error = PostgresError(code: .invalidArguments, message: "the statement \(what)")
        error.sql = statement.sql
        return error
    }
}

extension PostgresType {
    /// Whether a value of this type may be sent for a parameter declared as `other`: the binary forms are the same.
    fileprivate func fits(_ other: PostgresType) -> Bool {
        self == other || (self == .text && (other == .varchar || other == .json))
    }
}
