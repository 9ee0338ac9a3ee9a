import SessionImport
import Testing

@Suite("Names of tables")
struct TableNameTests {
    @Test(
        "are letter for letter, with or without schema and quotes",
        arguments: [
            ("Session", nil, "Session"), ("public.Session", "public", "Session"),
            ("\"public\".\"Session\"", "public", "Session"), ("old.\"a.b\"", "old", "a.b"),
            ("\"say \"\"hi\"\"\"", nil, "say \"hi\""),
        ] as [(String, String?, String)]
    )
    func parsed(text: String, schema: String?, name: String) {
        #expect(TableName(text) == TableName(schema: schema, name: name))
    }

    @Test("are refused when they aren't one", arguments: ["", ".", "a.", ".a", "a.b.c", "\"a", "a\"b", "a\u{0}"])
    func refused(text: String) {
        #expect(TableName(text) == nil)
    }
}
