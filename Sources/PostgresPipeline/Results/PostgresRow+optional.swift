public import Foundation

extension PostgresRow {
    /// A `boolean`, or `nil` for NULL.
    public func optionalBool(_ column: Int) throws(PostgresError) -> Bool? {
        try decode(column, as: .bool) { bytes, _ in bytes.first.map { $0 != 0 } }
    }

    /// An `integer` or `smallint`, or `nil` for NULL.
    public func optionalInt4(_ column: Int) throws(PostgresError) -> Int32? {
        try decode(column, as: .int4) { bytes, type in
            type == .int2
                ? BinaryForm.number(Int16.self, from: bytes).map { Int32($0) }
                : BinaryForm.number(Int32.self, from: bytes)
        }
    }

    /// A `bigint`, `integer` or `smallint`, or `nil` for NULL.
    public func optionalInt8(_ column: Int) throws(PostgresError) -> Int64? {
        try decode(column, as: .int8) { bytes, type in
            switch type {
            case .int2: BinaryForm.number(Int16.self, from: bytes).map { Int64($0) }
            case .int4: BinaryForm.number(Int32.self, from: bytes).map { Int64($0) }
            default: BinaryForm.number(Int64.self, from: bytes)
            }
        }
    }

    /// A `double precision`, or `nil` for NULL.
    public func optionalDouble(_ column: Int) throws(PostgresError) -> Double? {
        try decode(column, as: .double) { bytes, _ in
            BinaryForm.number(UInt64.self, from: bytes).map { Double(bitPattern: $0) }
        }
    }

    /// A `text`, `character varying`, `character`, `name` or `json`, or `nil` for NULL.
    public func optionalText(_ column: Int) throws(PostgresError) -> String? {
        try decode(column, as: .text) { bytes, _ in String(validating: bytes, as: UTF8.self) }
    }

    /// A `bytea`, or `nil` for NULL.
    public func optionalBytea(_ column: Int) throws(PostgresError) -> [UInt8]? {
        try decode(column, as: .bytea) { bytes, _ in Array(bytes) }
    }

    /// A `timestamptz`, or `nil` for NULL.
    public func optionalTimestamp(_ column: Int) throws(PostgresError) -> PostgresTimestamp? {
        try decode(column, as: .timestamp) { bytes, _ in
            BinaryForm.number(Int64.self, from: bytes).map { PostgresTimestamp(microseconds: $0) }
        }
    }

    /// The text of a `jsonb` or `json`, or `nil` for NULL.
    public func optionalJSONB(_ column: Int) throws(PostgresError) -> String? {
        try decode(column, as: .jsonb) { bytes, type in
            guard type == .jsonb else { return String(validating: bytes, as: UTF8.self) }
            // The first byte is the version of the form, 1 since jsonb exists.
            guard bytes.first == 1 else { return nil }
            return String(validating: bytes.dropFirst(), as: UTF8.self)
        }
    }

    /// A `uuid`, or `nil` for NULL.
    public func optionalUUID(_ column: Int) throws(PostgresError) -> UUID? {
        try decode(column, as: .uuid) { bytes, _ in
            guard bytes.count == 16 else { return nil }
            return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
        }
    }
}
