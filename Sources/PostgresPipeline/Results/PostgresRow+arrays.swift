extension PostgresRow {
    /// A `text[]` of one dimension; elements that are NULL are `nil`.
    public func textArray(_ column: Int) throws(PostgresError) -> [String?] {
        try required(optionalTextArray(column), column)
    }

    /// A `text[]` of one dimension, or `nil` for NULL.
    public func optionalTextArray(_ column: Int) throws(PostgresError) -> [String?]? {
        try decode(column, as: .textArray) { bytes, _ in
            BinaryForm.elements(of: bytes, type: .text) { String(validating: $0, as: UTF8.self) }
        }
    }

    /// A `bytea[]` of one dimension; elements that are NULL are `nil`.
    public func byteaArray(_ column: Int) throws(PostgresError) -> [[UInt8]?] {
        let elements = try decode(column, as: .byteaArray) { bytes, _ in
            BinaryForm.elements(of: bytes, type: .bytea) { Array($0) }
        }
        return try required(elements, column)
    }

    /// A `bigint[]` of one dimension; elements that are NULL are `nil`.
    public func int8Array(_ column: Int) throws(PostgresError) -> [Int64?] {
        let elements = try decode(column, as: .int8Array) { bytes, _ in
            BinaryForm.elements(of: bytes, type: .int8) { BinaryForm.number(Int64.self, from: $0) }
        }
        return try required(elements, column)
    }

    /// A `timestamptz[]` of one dimension; elements that are NULL are `nil`.
    public func timestampArray(_ column: Int) throws(PostgresError) -> [PostgresTimestamp?] {
        let elements = try decode(column, as: .timestampArray) { bytes, _ in
            BinaryForm.elements(of: bytes, type: .timestamptz) { element in
                BinaryForm.number(Int64.self, from: element).map { PostgresTimestamp(microseconds: $0) }
            }
        }
        return try required(elements, column)
    }
}
