import CLibpq
public import Foundation

/// One row of a result; columns count from 0.
///
/// Every reader throws ``PostgresError`` with the code `decoding` when the column does not exist, is of another type,
/// or is NULL where the reader is not an `optional…` one.
public struct PostgresRow: Sendable {
    let result: PostgresResult
    let row: Int32

    /// Whether the column is NULL (also when there is no such column).
    public func isNull(_ column: Int) -> Bool {
        PQgetisnull(result.handle, row, Int32(column)) == 1
    }

    /// The bytes of a column whatever its type, in its binary form; `nil` for NULL.
    public func bytes(_ column: Int) -> [UInt8]? {
        withBytes(column) { Array($0) }
    }

    /// A `boolean`.
    public func bool(_ column: Int) throws(PostgresError) -> Bool {
        try required(optionalBool(column), column)
    }

    /// An `integer` or `smallint`.
    public func int4(_ column: Int) throws(PostgresError) -> Int32 {
        try required(optionalInt4(column), column)
    }

    /// A `bigint`, `integer` or `smallint`.
    public func int8(_ column: Int) throws(PostgresError) -> Int64 {
        try required(optionalInt8(column), column)
    }

    /// A `double precision`.
    public func double(_ column: Int) throws(PostgresError) -> Double {
        try required(optionalDouble(column), column)
    }

    /// A `text`, `character varying`, `character`, `name` or `json`; bytes that are not UTF-8 are refused.
    public func text(_ column: Int) throws(PostgresError) -> String {
        try required(optionalText(column), column)
    }

    /// A `bytea`.
    public func bytea(_ column: Int) throws(PostgresError) -> [UInt8] {
        try required(optionalBytea(column), column)
    }

    /// A `timestamptz`.
    public func timestamp(_ column: Int) throws(PostgresError) -> PostgresTimestamp {
        try required(optionalTimestamp(column), column)
    }

    /// The text of a `jsonb` or `json`.
    public func jsonb(_ column: Int) throws(PostgresError) -> String {
        try required(optionalJSONB(column), column)
    }

    /// A `uuid`.
    public func uuid(_ column: Int) throws(PostgresError) -> UUID {
        try required(optionalUUID(column), column)
    }

    func required<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
        guard let value else { throw failure(column, "is NULL") }
        return value
    }

    func failure(_ column: Int, _ what: String) -> PostgresError {
        PostgresError(code: .decoding, message: "column \(column) \(what)")
    }

    /// Lends the bytes of a column; `nil` for NULL.
    func withBytes<Value>(_ column: Int, _ body: (UnsafeRawBufferPointer) -> Value?) -> Value? {
        let index = Int32(column)
        guard PQgetisnull(result.handle, row, index) == 0, let start = PQgetvalue(result.handle, row, index) else {
            return nil
        }
        // The bytes are the result's, which nothing else may keep alive while they are read.
        return withExtendedLifetime(result) {
            body(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result.handle, row, index))))
        }
    }

    /// Decodes a column of one of `types`; `nil` for NULL.
    func decode<Value>(
        _ column: Int,
        as types: StaticTypes,
        _ body: (UnsafeRawBufferPointer, PostgresType) -> Value?
    ) throws(PostgresError) -> Value? {
        guard column >= 0, column < result.columnCount else { throw failure(column, "does not exist") }
        let type = PostgresType(oid: PQftype(result.handle, Int32(column)))
        guard types.contains(type) else { throw failure(column, "is of type \(type.oid), not \(types.name)") }
        guard !isNull(column) else { return nil }
        guard let value = withBytes(column, { body($0, type) }) else {
            throw failure(column, "does not hold a valid \(types.name)")
        }
        return value
    }
}
