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

    /// The type `boolean`.
    public static let bool = PostgresType(oid: 16)
    /// The type `bytea`.
    public static let bytea = PostgresType(oid: 17)
    /// The type `bigint`.
    public static let int8 = PostgresType(oid: 20)
    /// The type `smallint`.
    public static let int2 = PostgresType(oid: 21)
    /// The type `integer`.
    public static let int4 = PostgresType(oid: 23)
    /// The type `text`.
    public static let text = PostgresType(oid: 25)
    /// The type `json`.
    public static let json = PostgresType(oid: 114)
    /// The type `double precision`.
    public static let float8 = PostgresType(oid: 701)
    /// The type `character varying`.
    public static let varchar = PostgresType(oid: 1_043)
    /// The type `timestamp with time zone`.
    public static let timestamptz = PostgresType(oid: 1_184)
    /// The type `uuid`.
    public static let uuid = PostgresType(oid: 2_950)
    /// The type `jsonb`.
    public static let jsonb = PostgresType(oid: 3_802)
    /// The type `boolean[]`.
    public static let boolArray = PostgresType(oid: 1_000)
    /// The type `bytea[]`.
    public static let byteaArray = PostgresType(oid: 1_001)
    /// The type `integer[]`.
    public static let int4Array = PostgresType(oid: 1_007)
    /// The type `text[]`.
    public static let textArray = PostgresType(oid: 1_009)
    /// The type `bigint[]`.
    public static let int8Array = PostgresType(oid: 1_016)
    /// The type `timestamp with time zone[]`.
    public static let timestamptzArray = PostgresType(oid: 1_185)
    /// The type `jsonb[]`.
    public static let jsonbArray = PostgresType(oid: 3_807)
}
