import Testing

@testable import Sessions

@Suite("Rules for orphans are taken apart strictly")
struct OrphanRuleTests {
    @Test(
        "a column of a table, its names quoted as they are written",
        arguments: [
            ("public.users.id", #"SELECT "id" FROM "public"."users""#),
            ("User.id", #"SELECT "id" FROM "User""#),
            (#""my app"."User.Table"."user ""id""""#, #"SELECT "user ""id""" FROM "my app"."User.Table""#),
            ("public.users;DROP.id", #"SELECT "id" FROM "public"."users;DROP""#),
            ("größe.nutzer.kennung", #"SELECT "kennung" FROM "größe"."nutzer""#),
        ]
    )
    func tables(text: String, query: String) throws {
        #expect(try OrphanRule(table: text).query == query)
    }

    @Test(
        "what is no column is refused",
        arguments: [
            "", "users", "a.b.c.d", "a..c", ".b.c", "a.b.", #""a.b"#, #""a"b.c"#, #"a"b".c"#, "a b.c", #"""."b""#,
            "a.b\u{0}.c", "a." + String(repeating: "x", count: 64),
        ]
    )
    func badTables(text: String) {
        #expect(throws: SessionError.self) { _ = try OrphanRule(table: text) }
    }

    @Test(
        "a query is one SELECT",
        arguments: [
            "SELECT id FROM users", " select id from users ; ", "WITH u AS (SELECT 1) SELECT * FROM u", "TABLE u",
        ]
    )
    func queries(text: String) throws {
        #expect(try !OrphanRule(query: text).query.hasSuffix(";"))
    }

    @Test(
        "what can't be one is refused",
        arguments: [
            "", ";", "DELETE FROM users", "SELECT id FROM users WHERE id = $1", "EXPLAIN SELECT 1", "SELECT \u{0}",
        ]
    )
    func badQueries(text: String) {
        #expect(throws: SessionError.self) { _ = try OrphanRule(query: text) }
    }
}
