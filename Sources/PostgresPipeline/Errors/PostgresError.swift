/// Why a request to Postgres failed.
///
/// `description` is safe to log: it never holds a bound value, the connection string, or the server's DETAIL, HINT
/// and CONTEXT (which quote rows). The statement's text appears only in `debugDescription`.
public struct PostgresError: Error, Sendable {
    /// The kind of failure.
    public var code: Code
    /// The server's five-character SQLSTATE, when the server answered.
    ///
    /// Source: PostgreSQL documentation, appendix A.
    public var sqlState: String?
    /// One sentence for a developer; never a bound value.
    public var message: String
    /// The constraint that was violated, for the errors of class 23.
    public var constraint: String?
    /// The statement's text, kept out of `description`.
    var sql: String?

    /// An error with a message that the caller vouches for: no values, no secrets.
    public init(code: Code, sqlState: String? = nil, message: String, constraint: String? = nil) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
    }

    /// A label for metrics with few possible values: the code, and for server errors the SQLSTATE's class.
    public var metricLabel: String {
        guard code == .server, let sqlState else { return code.description }
        return "server_\(sqlState.prefix(2))"
    }

    /// Whether the same request may succeed if tried again later, because nothing is wrong with the request itself.
    ///
    /// Says nothing about whether trying again is safe: ``Code/outcomeUnknown`` is therefore not transient.
    public var isTransient: Bool {
        switch code {
        case .unavailable, .busy, .timeout:
            return true
        case .server:
            // Transaction rollback (serialization failure, deadlock), resources, lock not available, shutdown.
            guard let sqlState else { return false }
            return ["40", "53"].contains(sqlState.prefix(2))
                || ["55P03", "57P01", "57P02", "57P03"].contains(sqlState)
        default:
            return false
        }
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Code, SQLSTATE and message.
    public var description: String {
        guard let sqlState else { return "\(code): \(message)" }
        return "\(code) \(sqlState): \(message)"
    }

    /// The description, the constraint, and the statement's text (never its values).
    public var debugDescription: String {
        var text = "PostgresError(\(description)"
        if let constraint { text += ", constraint: \(constraint)" }
        if let sql { text += ", statement: \(sql)" }
        return text + ")"
    }
}
