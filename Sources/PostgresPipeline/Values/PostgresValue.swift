public import Foundation

/// A value on its way to a parameter, in binary.
///
/// Its description never shows it.
///
/// Every maker takes an optional: `nil` is SQL's NULL.
public struct PostgresValue: Sendable {
    /// The type it is encoded as; `nil` for a NULL, which fits every parameter.
    let type: PostgresType?
    /// The binary form.
    let bytes: [UInt8]

    init(type: PostgresType?, bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }

    private init<Value>(_ value: Value?, _ type: PostgresType, _ encode: (Value) -> [UInt8]) {
        guard let value else {
            self = .null
            return
        }
        self.init(type: type, bytes: encode(value))
    }

    /// NULL, for a parameter of any type.
    public static let null = PostgresValue(type: nil, bytes: [])

    /// A `boolean`.
    public static func bool(_ value: Bool?) -> PostgresValue {
        PostgresValue(value, .bool) { [$0 ? 1 : 0] }
    }

    /// A `smallint`.
    public static func int2(_ value: Int16?) -> PostgresValue {
        PostgresValue(value, .int2, BinaryForm.bytes)
    }

    /// An `integer`.
    public static func int4(_ value: Int32?) -> PostgresValue {
        PostgresValue(value, .int4, BinaryForm.bytes)
    }

    /// A `bigint`.
    public static func int8(_ value: Int64?) -> PostgresValue {
        PostgresValue(value, .int8, BinaryForm.bytes)
    }

    /// A `double precision`.
    public static func double(_ value: Double?) -> PostgresValue {
        PostgresValue(value, .float8) { BinaryForm.bytes($0.bitPattern) }
    }

    /// A `text`, also for `character varying`; the server refuses U+0000 (SQLSTATE 22021).
    public static func text(_ value: String?) -> PostgresValue {
        PostgresValue(value, .text) { Array($0.utf8) }
    }

    /// A `bytea`.
    public static func bytea(_ value: [UInt8]?) -> PostgresValue {
        PostgresValue(value, .bytea) { $0 }
    }

    /// A `timestamptz`.
    public static func timestamp(_ value: PostgresTimestamp?) -> PostgresValue {
        PostgresValue(value, .timestamptz) { BinaryForm.bytes($0.microseconds) }
    }

    /// A `timestamptz` from a date, rounded to the microsecond.
    public static func timestamp(_ value: Date?) -> PostgresValue {
        timestamp(value.map { PostgresTimestamp($0) })
    }

    /// A `jsonb` from its text; the server refuses what is not JSON (SQLSTATE 22P02).
    public static func jsonb(_ value: String?) -> PostgresValue {
        PostgresValue(value, .jsonb, BinaryForm.jsonb)
    }

    /// A `uuid`.
    public static func uuid(_ value: UUID?) -> PostgresValue {
        PostgresValue(value, .uuid) { identifier in withUnsafeBytes(of: identifier.uuid) { Array($0) } }
    }

    /// A `boolean[]`; elements may be NULL.
    public static func boolArray(_ value: [Bool?]?) -> PostgresValue {
        PostgresValue(value, .boolArray) { BinaryForm.array($0, of: .bool) { [$0 ? 1 : 0] } }
    }

    /// A `text[]`; elements may be NULL.
    public static func textArray(_ value: [String?]?) -> PostgresValue {
        PostgresValue(value, .textArray) { BinaryForm.array($0, of: .text) { Array($0.utf8) } }
    }

    /// A `bytea[]`; elements may be NULL.
    public static func byteaArray(_ value: [[UInt8]?]?) -> PostgresValue {
        PostgresValue(value, .byteaArray) { BinaryForm.array($0, of: .bytea) { $0 } }
    }

    /// An `integer[]`; elements may be NULL.
    public static func int4Array(_ value: [Int32?]?) -> PostgresValue {
        PostgresValue(value, .int4Array) { BinaryForm.array($0, of: .int4, BinaryForm.bytes) }
    }

    /// A `bigint[]`; elements may be NULL.
    public static func int8Array(_ value: [Int64?]?) -> PostgresValue {
        PostgresValue(value, .int8Array) { BinaryForm.array($0, of: .int8, BinaryForm.bytes) }
    }

    /// A `timestamptz[]`; elements may be NULL.
    public static func timestampArray(_ value: [PostgresTimestamp?]?) -> PostgresValue {
        PostgresValue(value, .timestamptzArray) {
            BinaryForm.array($0, of: .timestamptz) { BinaryForm.bytes($0.microseconds) }
        }
    }

    /// A `jsonb[]`, each element from its text; elements may be NULL.
    public static func jsonbArray(_ value: [String?]?) -> PostgresValue {
        PostgresValue(value, .jsonbArray) { BinaryForm.array($0, of: .jsonb, BinaryForm.jsonb) }
    }
}

extension PostgresValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<bound>`.
    public var description: String { "<bound>" }

    /// Always `<bound>`.
    public var debugDescription: String { "<bound>" }

    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror {
        Mirror(self, children: EmptyCollection<Mirror.Child>(), displayStyle: .struct)
    }
}
