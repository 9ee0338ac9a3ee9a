/// The column types that one reader accepts, with the name that its error shows.
struct StaticTypes {
    let name: String
    private let types: [PostgresType]

    init(_ name: String, _ types: [PostgresType]) {
        self.name = name
        self.types = types
    }

    func contains(_ type: PostgresType) -> Bool {
        types.contains(type)
    }

    static let bool = StaticTypes("boolean", [.bool])
    static let int4 = StaticTypes("integer", [.int4, .int2])
    static let int8 = StaticTypes("bigint", [.int8, .int4, .int2])
    static let double = StaticTypes("double precision", [.float8])
    /// 19 is `name`, 1042 `character`, 705 an untyped literal.
    static let text = StaticTypes(
        "text",
        [.text, .varchar, .json, PostgresType(oid: 19), PostgresType(oid: 1_042), PostgresType(oid: 705)]
    )
    static let bytea = StaticTypes("bytea", [.bytea])
    static let timestamp = StaticTypes("timestamptz", [.timestamptz])
    static let jsonb = StaticTypes("jsonb", [.jsonb, .json])
    static let uuid = StaticTypes("uuid", [.uuid])
    static let textArray = StaticTypes("text[]", [.textArray])
    static let byteaArray = StaticTypes("bytea[]", [.byteaArray])
    static let int8Array = StaticTypes("bigint[]", [.int8Array])
    static let timestampArray = StaticTypes("timestamptz[]", [.timestamptzArray])
}
