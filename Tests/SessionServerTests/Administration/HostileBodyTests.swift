import HTTPTypes
import HummingbirdTesting
import PostgresPipeline
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Hostile bodies")
struct HostileBodyTests {
    struct Body: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        var type: String? = "application/json"
        var status: HTTPResponse.Status = .badRequest

        init(_ name: String, _ text: String, type: String? = "application/json", _ status: Int = 400) {
            self.testDescription = name
            self.text = text
            self.type = type
            self.status = HTTPResponse.Status(code: status)
        }
    }

    /// What neither endpoint with a body takes; each would do something if one part of it counted.
    static let bodies: [Body] = [
        Body("an array", #"[{"dryRun":false}]"#), Body("a string", #""tenantId""#), Body("a number", "1"),
        Body("null", "null"), Body("no JSON", "tenantId=acme"), Body("cut off", #"{"dryRun":false"#),
        Body("two texts", #"{"dryRun":false}{"dryRun":false}"#), Body("a comma too many", #"{"dryRun":false,}"#),
        Body("a comment", #"{/*x*/"dryRun":false}"#), Body("single quotes", "{'dryRun':false}"),
        Body("a byte order mark", "\u{FEFF}{\"dryRun\":false}"),
        Body("two members of one name", #"{"dryRun":true,"dryRun":false}"#),
        Body("two members of one name, one escaped", #"{"dryRun":true,"dry\u0052un":false}"#),
        Body("an unknown member", #"{"everything":true}"#), Body("a name in another case", #"{"DryRun":false}"#),
        Body("a name with combining marks", "{\"dryRun\u{301}\":false}"),
        Body("NUL in a name", #"{"dryRun\u0000":false}"#), Body("NUL in a value", #"{"tenantId":"a\u0000"}"#),
        Body("a raw NUL", "{\"dryRun\":false}\u{0}"), Body("a lone surrogate", #"{"tenantId":"\ud800"}"#),
        Body("a text for a flag", #"{"dryRun":"false"}"#), Body("a number for a flag", #"{"dryRun":0}"#),
        Body("null for a flag", #"{"dryRun":null}"#), Body("an object for a flag", #"{"dryRun":{}}"#),
        Body(
            "deep arrays",
            #"{"dryRun":"# + String(repeating: "[", count: 4000) + String(repeating: "]", count: 4000) + "}"
        ),
        Body("deep objects", String(repeating: #"{"a":"#, count: 2000) + "1" + String(repeating: "}", count: 2000)),
        Body("a long name", "{\"" + String(repeating: "x", count: 10_000) + "\":1}"),
        Body("1 MB", "{\"tenantId\":\"" + String(repeating: "x", count: 1_000_000) + "\"}", 413),
        Body("1 MB of white space", String(repeating: " ", count: 1_000_000) + "{}", 413),
        Body("a form", "tenantId=acme", type: "application/x-www-form-urlencoded", 415),
        Body("JSON as text", "{}", type: "text/plain", 415), Body("JSON without a type", "{}", type: nil, 415),
        Body("JSON as something near it", "{}", type: "application/jsonx", 415),
        Body("JSON as XML", "{}", type: "application/xml", 415),
    ]

    private static let cleanupBodies: [Body] = [
        Body("a huge number", #"{"inactivityDays":99999999999999999999999999}"#),
        Body("a huge exponent", #"{"inactivityDays":1e400}"#), Body("an exponent", #"{"inactivityDays":3e1}"#),
        Body("a fraction", #"{"inactivityDays":30.0}"#), Body("zero", #"{"inactivityDays":0}"#),
        Body("a negative number", #"{"inactivityDays":-1}"#), Body("a text", #"{"inactivityDays":"30"}"#),
        Body("10^9", #"{"inactivityDays":1000000000}"#),
        Body("the smallest", #"{"inactivityDays":-9223372036854775808}"#),
        Body("a member of the other endpoint", #"{"tenantId":"acme"}"#),
    ]

    private static let endingBodies: [Body] = [
        Body("zero days", #"{"olderThanDays":0}"#), Body("negative days", #"{"olderThanDays":-5}"#),
        Body("a number for a tenant", #"{"tenantId":1}"#), Body("an empty tenant", #"{"tenantId":""}"#),
        Body("an array of tenants", #"{"tenantId":["acme"]}"#), Body("no states", #"{"state":[]}"#),
        Body("a state that is none", #"{"state":["active","all"]}"#), Body("states with null", #"{"state":[null]}"#),
        Body("another mode", #"{"tenantId":"acme","mode":"drop"}"#), Body("a limit", #"{"tenantId":"acme","limit":1}"#),
        Body("a member of the other endpoint", #"{"cleanExpiredTokens":true}"#),
    ]

    /// Rows that every one of these requests would change if it were taken for what it looks like.
    private func check(_ method: HTTPRequest.Method, _ path: String, _ bodies: [Body]) async throws {
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await StoredRows.insert(3, into: database, expired: true, tenant: "acme")
            try await StoredRows.insert(3, into: database, expired: false, tenant: "acme")
            let before = try await StoredRows.snapshot(of: database)
            try await site.application.application.test(.router) { client in
                for body in bodies {
                    for authorization in [nil, "Bearer " + Site.adminToken] {
                        let caller = Operator(client: client, authorization: authorization)
                        let response = try await caller.send(method, path, body: body.text, type: body.type)
                        let expected = authorization == nil ? .unauthorized : body.status
                        #expect(response.status == expected, "\(body.testDescription)")
                        #expect(response.text.utf8.count < 1000)
                    }
                }
            }
            #expect(try await StoredRows.snapshot(of: database) == before)
            #expect(try await StoredRows.audit(in: database).isEmpty)
        }
    }

    @Test("AD-08 a cleanup isn't started by a body that isn't exactly what is described")
    func cleanup() async throws {
        try await check(.post, "/api/admin/sessions/cleanup", Self.bodies + Self.cleanupBodies)
    }

    @Test("AD-08 nothing is ended by a body that isn't exactly what is described")
    func ending() async throws {
        try await check(.delete, "/api/admin/sessions", Self.bodies + Self.endingBodies)
    }

    @Test("AD-03 what a body says about who asks changes nothing")
    func identity() async throws {
        try await check(
            .delete,
            "/api/admin/sessions",
            [
                Body("a token", "{\"tenantId\":\"acme\",\"token\":\"\(Site.adminToken)\"}"),
                Body("a requester", #"{"tenantId":"acme","by":{"surface":"cli"}}"#),
            ]
        )
    }

    @Test("Criteria in the query and in the body at once are refused: it isn't clear which hold")
    func both() async throws {
        try await check(.delete, "/api/admin/sessions?state=expired", [Body("both", #"{"tenantId":"acme"}"#)])
    }
}
