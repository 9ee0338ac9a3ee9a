/// A Postgres type, by its object id.
///
/// Source: `src/include/catalog/pg_type.dat`; the ids of built-in types never change.
public struct PostgresType: Sendable, Hashable {
    /// The type's id in `pg_type`.
    public let oid: UInt32

    /// A type by its id; only built-in types have the same id in every database.
    public init(oid: UInt32) {
        self.oid = oid
    }

    /// `boolean`
    public static let bool = PostgresType(oid: 16)
    /// `bytea`
    public static let bytea = PostgresType(oid: 17)
    /// `bigint`
    public static let int8 = PostgresType(oid: 20)
    /// `smallint`
    public static let int2 = PostgresType(oid: 21)
    /// `integer`
    public static let int4 = PostgresType(oid: 23)
    /// `text`
    public static let text = PostgresType(oid: 25)
    /// `json`
    public static let json = PostgresType(oid: 114)
    /// `double precision`
    public static let float8 = PostgresType(oid: 701)
    /// `character varying`
    public static let varchar = PostgresType(oid: 1_043)
    /// `timestamp with time zone`
    public static let timestamptz = PostgresType(oid: 1_184)
    /// `uuid`
    public static let uuid = PostgresType(oid: 2_950)
    /// `jsonb`
    public static let jsonb = PostgresType(oid: 3_802)
    /// `boolean[]`
    public static let boolArray = PostgresType(oid: 1_000)
    /// `bytea[]`
    public static let byteaArray = PostgresType(oid: 1_001)
    /// `integer[]`
    public static let int4Array = PostgresType(oid: 1_007)
    /// `text[]`
    public static let textArray = PostgresType(oid: 1_009)
    /// `bigint[]`
    public static let int8Array = PostgresType(oid: 1_016)
    /// `timestamp with time zone[]`
    public static let timestamptzArray = PostgresType(oid: 1_185)
    /// `jsonb[]`
    public static let jsonbArray = PostgresType(oid: 3_807)
}
