/// A statement together with the values of its parameters.
public struct BoundStatement: Sendable {
    /// The statement.
    public let statement: PostgresStatement
    /// One value for each parameter.
    public let values: [PostgresValue]

    /// Binds values to a statement; whether they fit is checked when it is sent.
    public init(_ statement: PostgresStatement, _ values: [PostgresValue] = []) {
        self.statement = statement
        self.values = values
    }

    /// Binds values to a statement; whether they fit is checked when it is sent.
    public init(_ statement: PostgresStatement, _ values: PostgresValue...) {
        self.init(statement, values)
    }
}
