import Foundation
import PostgresPipeline
import TestSupport
import Testing

@Suite("Values")
struct ValueTests {
    /// Sends a value there and back, and compares it with what came.
    private static func expectRoundTrip<Value: Equatable & Sendable>(
        _ type: PostgresType,
        _ values: [Value],
        _ bind: @Sendable (Value) -> PostgresValue,
        _ read: @Sendable (PostgresRow) throws -> Value
    ) async throws {
        let statement = PostgresStatement("SELECT $1 AS value", parameters: [type])
        try await TestDatabase.shared.withDriver { client in
            for value in values {
                let row = try #require(try await client.read(statement, bind(value)).first)
                #expect(try read(row) == value)
            }
            let null = try #require(try await client.read(statement, .null).first)
            #expect(null.isNull(0))
            #expect(null.bytes(0) == nil)
            let error = try await postgresError { try read(null) }
            #expect(error.code == .decoding)
        }
    }

    @Test("booleans and numbers keep their borders")
    func numbers() async throws {
        try await Self.expectRoundTrip(.bool, [true, false], { .bool($0) }, { try $0.bool(0) })
        try await Self.expectRoundTrip(.int2, [.min, -1, 0, .max], { .int2($0) }, { Int16(try $0.int4(0)) })
        try await Self.expectRoundTrip(.int4, [.min, -1, 0, .max], { .int4($0) }, { try $0.int4(0) })
        try await Self.expectRoundTrip(.int8, [.min, -1, 0, .max], { .int8($0) }, { try $0.int8(0) })
        let doubles: [Double] = [
            -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1,
        ]
        try await Self.expectRoundTrip(.float8, doubles, { .double($0) }, { try $0.double(0) })
    }

    @Test("texts and bytes keep their borders")
    func texts() async throws {
        let texts = ["", " ", "'; DROP TABLE x; --", "ü€😀\u{FFFF}", String(repeating: "é", count: 1 << 20)]
        try await Self.expectRoundTrip(.text, texts, { .text($0) }, { try $0.text(0) })
        try await Self.expectRoundTrip(.varchar, texts, { .text($0) }, { try $0.text(0) })
        let bytes: [[UInt8]] = [[], [0], Array(0...255), [UInt8](repeating: 0, count: 4 << 20)]
        try await Self.expectRoundTrip(.bytea, bytes, { .bytea($0) }, { try $0.bytea(0) })
        let documents = ["null", "{}", #"{"a": ["ü", 1.50]}"#]
        try await Self.expectRoundTrip(.jsonb, documents, { .jsonb($0) }, { try $0.jsonb(0) })
        try await Self.expectRoundTrip(.uuid, [UUID()], { .uuid($0) }, { try $0.uuid(0) })
    }

    @Test("timestamps keep every microsecond")
    func timestamps() async throws {
        // The earliest and the latest that Postgres accepts, and the moment it counts from.
        let values: [Int64] = [.min, -211_813_488_000_000_000, -1, 0, 1, 9_223_371_331_199_999_999, .max]
        try await Self.expectRoundTrip(
            .timestamptz,
            values.map { PostgresTimestamp(microseconds: $0) },
            { .timestamp($0) },
            { try $0.timestamp(0) }
        )
        let moment = Date(timeIntervalSince1970: 1_790_000_000.123456)
        #expect(abs(PostgresTimestamp(moment).date.timeIntervalSince(moment)) < 0.000_001)
        #expect(PostgresTimestamp(.distantFuture).date < .distantFuture + 1)
        #expect(PostgresTimestamp.infinity.date == .distantFuture)
        #expect(PostgresTimestamp(microseconds: 0).unixMicroseconds == 946_684_800_000_000)
    }

    @Test("arrays keep empties and NULLs")
    func arrays() async throws {
        let texts: [[String?]] = [[], [nil], ["", nil, "a,b{}\"\\"], (0..<5_000).map { "\($0)" }]
        try await Self.expectRoundTrip(.textArray, texts, { .textArray($0) }, { try $0.textArray(0) })
        let bytes: [[[UInt8]?]] = [[], [nil, [], [0, 255]]]
        try await Self.expectRoundTrip(.byteaArray, bytes, { .byteaArray($0) }, { try $0.byteaArray(0) })
        let numbers: [[Int64?]] = [[], [nil, .min, .max]]
        try await Self.expectRoundTrip(.int8Array, numbers, { .int8Array($0) }, { try $0.int8Array(0) })
        let moments: [[PostgresTimestamp?]] = [[], [nil, .infinity, PostgresTimestamp(microseconds: 5)]]
        try await Self.expectRoundTrip(
            .timestamptzArray,
            moments,
            { .timestampArray($0) },
            { try $0.timestampArray(0) }
        )
    }

    @Test("arrays that are only sent arrive")
    func sentArrays() async throws {
        try await TestDatabase.shared.withDriver { client in
            let statement = PostgresStatement(
                "SELECT ($1::bool[])[2], ($2::int[])[3], ($3::jsonb[])[1] ->> 'a'",
                parameters: [.boolArray, .int4Array, .jsonbArray]
            )
            let row = try #require(
                try await client.read(
                    statement,
                    .boolArray([nil, true]),
                    .int4Array([1, nil, .min]),
                    .jsonbArray([#"{"a": "x"}"#, nil])
                ).first
            )
            #expect(try row.bool(0))
            #expect(try row.int4(1) == .min)
            #expect(try row.text(2) == "x")
        }
    }

    @Test("what is not UTF-8 is refused rather than repaired")
    func notUTF8() async throws {
        try await TestDatabase.shared.withDriver { client in
            let zero = PostgresStatement("SELECT $1 AS value", parameters: [.text])
            let error = try await postgresError { try await client.read(zero, .text("a\u{0}b")) }
            #expect(error.sqlState == "22021")
            let invalid = PostgresStatement("SELECT convert_from($1, 'UTF8')", parameters: [.bytea])
            let refused = try await postgresError { try await client.read(invalid, .bytea([0xC3, 0x28])) }
            #expect(refused.sqlState == "22021")
        }
    }

    @Test("values that do not fit the statement are never sent")
    func mismatches() async throws {
        try await TestDatabase.shared.withDriver { client in
            let statement = PostgresStatement("SELECT $1 + $2", parameters: [.int8, .int8])
            let tooFew = try await postgresError { try await client.read(statement, .int8(1)) }
            #expect(tooFew.code == .invalidArguments)
            let otherType = try await postgresError { try await client.read(statement, .int8(1), .text("2")) }
            #expect(otherType.code == .invalidArguments)
            #expect(otherType.message.contains("$2"))
        }
    }

    @Test("a column of another type, or none, is a decoding error")
    func wrongColumns() async throws {
        try await TestDatabase.shared.withDriver { client in
            let row = try #require(try await client.read(PostgresStatement("SELECT 'x'::text, 7::int8")).first)
            let readers: [(PostgresRow) throws -> Void] = [
                { _ = try $0.int8(0) }, { _ = try $0.int4(1) }, { _ = try $0.text(2) }, { _ = try $0.text(-1) },
            ]
            for reader in readers {
                let error = try await postgresError { try reader(row) }
                #expect(error.code == .decoding)
            }
        }
    }

    @Test("a value shows itself in no description")
    func redaction() {
        let value = PostgresValue.text("geheim")
        var dumped = ""
        dump([value], to: &dumped)
        for text in ["\(value)", String(reflecting: value), dumped, "\(BoundStatement(ReadTests.echo, value))"] {
            #expect(!text.contains("geheim"))
            #expect(!text.contains("103"), "the first byte")
        }
    }
}
