import CLibpq
import Glibc

/// The answer to one statement: its rows, still in the server's binary form, decoded by whoever reads them.
///
/// `@unchecked Sendable`: it owns one `PGresult` that nothing changes after it was received (libpq's documentation,
/// "Behavior in Threaded Programs": results are read-only and may be passed between threads); the pointer never
/// leaves this module and is freed once, in `deinit`.
public final class PostgresResult: @unchecked Sendable {
    let handle: OpaquePointer

    /// A result without rows.
    static let empty = PostgresResult(owning: PQmakeEmptyPGresult(nil, PGRES_COMMAND_OK))

    /// Takes over a `PGresult`.
    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQclear(handle)
    }

    /// How many rows came back.
    public var rowCount: Int { Int(PQntuples(handle)) }

    /// How many columns each row has.
    public var columnCount: Int { Int(PQnfields(handle)) }

    /// How many rows an INSERT, UPDATE, DELETE, MERGE or SELECT touched; 0 for other commands.
    public var affectedRows: Int {
        guard let text = PQcmdTuples(handle) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The server's command tag, for instance `COMMIT`.
    var commandTag: String {
        guard let text = PQcmdStatus(handle) else { return "" }
        return String(cString: text)
    }

    /// What a statement did to its session, beside its answer.
    enum SideEffect {
        case none
        case opensTransaction
        case changesSettings
    }

    /// Known by the command tag, which no comment in front of a statement disguises.
    ///
    /// `SELECT set_config(…)` goes unnoticed.
    var sideEffect: SideEffect {
        guard let tag = PQcmdStatus(handle) else { return .none }
        // The tags of everyday statements have other beginnings, and are done with after a few bytes.
        if strcmp(tag, "BEGIN") == 0 || strcmp(tag, "START TRANSACTION") == 0 { return .opensTransaction }
        if strcmp(tag, "SET") == 0 || strcmp(tag, "RESET") == 0 || strcmp(tag, "DISCARD ALL") == 0 {
            return .changesSettings
        }
        return .none
    }

    /// The names of the columns.
    public var columnNames: [String] {
        (0..<PQnfields(handle)).map { column in PQfname(handle, column).map { String(cString: $0) } ?? "" }
    }

    /// One row; the index must be below ``rowCount``.
    public subscript(row: Int) -> PostgresRow {
        precondition(row >= 0 && row < rowCount, "row index out of range")
        return PostgresRow(result: self, row: Int32(row))
    }

    /// The first row, or `nil` when there is none.
    public var first: PostgresRow? {
        rowCount > 0 ? self[0] : nil
    }

    /// All rows, each turned into a value.
    public func decode<Value>(_ body: (PostgresRow) throws -> Value) rethrows -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            values.append(try body(self[row]))
        }
        return values
    }
}
