import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Patience
import PostgresPipeline
import ScriptedProvider
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Cron endpoint")
struct CronTests {
    private static let path = "/api/cron/cleanup-sessions"

    /// A site on a database of its own, with so many sessions that have expired and so many that haven't.
    private func withRows(
        expired: Int = 0,
        active: Int = 0,
        _ body: @Sendable (PostgresClient, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await StoredRows.insert(expired, into: database, expired: true)
            try await StoredRows.insert(active, into: database, expired: false)
            try await site.application.application.test(.router) { try await body(database, $0) }
        }
    }

    @Test("POST deletes what has expired and says so in the documented words")
    func post() async throws {
        try await withRows(expired: 42, active: 3) { database, client in
            let response = try await Operator.cron(client).send(.post, Self.path)
            #expect(response.status == .ok)
            let body = response.jsonObject
            #expect(body.keys.sorted() == ["deletedCount", "message", "success", "timestamp"])
            #expect(body["success"] as? Bool == true)
            #expect(body["deletedCount"] as? Int == 42)
            #expect(body["message"] as? String == "Successfully deleted 42 expired session(s)")
            #expect(Self.isTimestamp(response.json["timestamp"]))
            #expect(try await StoredRows.count(in: database) == 3)
            // The same call again is no harm.
            let again = try await Operator.cron(client).send(.post, Self.path)
            #expect(again.jsonObject["deletedCount"] as? Int == 0)
            #expect(try await StoredRows.count(in: database) == 3)
        }
    }

    @Test("GET counts in the documented form, and deletes only with run=true")
    func get() async throws {
        try await withRows(expired: 4, active: 2) { database, client in
            let response = try await Operator.cron(client).get(Self.path)
            #expect(response.status == .ok)
            #expect(response.jsonObject.keys.sorted() == ["stats", "success"])
            let stats = try #require(response.jsonObject["stats"] as? [String: Any])
            #expect(stats.keys.sorted() == ["active", "expired", "timestamp", "total"])
            #expect(stats["total"] as? Int == 6)
            #expect(stats["active"] as? Int == 2)
            #expect(stats["expired"] as? Int == 4)
            #expect(Self.isTimestamp(stats["timestamp"] as? String))
            let no = try await Operator.cron(client).get(Self.path + "?run=false")
            #expect(no.jsonObject["stats"] != nil)
            #expect(try await StoredRows.count(in: database) == 6)
            let run = try await Operator.cron(client).get(Self.path + "?run=true")
            #expect(run.json["message"] == "Successfully deleted 4 expired session(s)")
            #expect(try await StoredRows.count(in: database) == 2)
        }
    }

    @Test("A dry run counts, and changes nothing")
    func dryRun() async throws {
        try await withRows(expired: 5) { database, client in
            for (method, query) in [(HTTPRequest.Method.post, "?dryRun=true"), (.get, "?run=true&dryRun=true")] {
                let response = try await Operator.cron(client).send(method, Self.path + query)
                #expect(response.jsonObject["deletedCount"] as? Int == 5)
                #expect(response.json["message"] == "Would have deleted 5 expired session(s)")
            }
            #expect(try await StoredRows.count(in: database) == 5)
        }
    }

    @Test("AD-07 HEAD, OPTIONS and callers without the secret have no effect")
    func noEffect() async throws {
        try await withRows(expired: 2) { database, client in
            for method in [HTTPRequest.Method.head, .options, .put, .delete] {
                let response = try await Operator.cron(client).send(method, Self.path + "?run=true")
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == "POST, GET")
            }
            for method in [HTTPRequest.Method.head, .get, .post] {
                let response = try await Operator(client: client).send(method, Self.path + "?run=true")
                #expect(response.status == .unauthorized)
            }
            #expect(try await StoredRows.count(in: database) == 2)
        }
    }

    @Test(
        "A parameter that isn't understood is refused by name: a typing mistake in run would leave all rows for ever",
        arguments: [
            "runn=true", "run=yes", "run=1", "run", "run=", "run=true&run=true", "run=TRUE", "dryRun=true", "%zz",
        ]
    )
    func parameters(query: String) async throws {
        try await withRows(expired: 1) { database, client in
            let response = try await Operator.cron(client).get(Self.path + "?" + query)
            #expect(response.status == .badRequest)
            #expect(response.json["error"] == "invalid_parameter")
            let name = query.prefix { $0 != "=" }
            #expect(query == "%zz" || response.json["message"]?.contains("'\(name)'") == true)
            #expect(try await StoredRows.count(in: database) == 1)
        }
    }

    @Test(
        "AD-08 the body of a call changes nothing about what is cleaned",
        arguments: [
            "{\"batch\":1000000000}", "{\"batch\":-1,\"limit\":-1}", String(repeating: "[", count: 10_000), "\u{0}",
            "{\"dryRun\":true}", String(repeating: "x", count: 1_000_000),
        ]
    )
    func body(body: String) async throws {
        try await withRows(expired: 3, active: 1) { database, client in
            let response = try await Operator.cron(client).send(.post, Self.path, body: body)
            #expect(response.jsonObject["deletedCount"] as? Int == 3)
            #expect(try await StoredRows.count(in: database) == 1)
        }
    }

    @Test("AD-07 RV-11 of a hundred calls at once one cleans, and the others are told that it is being done")
    func parallel() async throws {
        try await withRows(expired: 30, active: 1) { database, client in
            try await withThrowingTaskGroup(of: TestResponse.self) { group in
                // The one that cleans waits for this lock, so that the others come while it is at it.
                let others = try await database.transaction { transaction in
                    try await transaction.query(StoredRows.lock)
                    for _ in 0..<100 { group.addTask { try await Operator.cron(client).send(.post, Self.path) } }
                    var answers: [TestResponse] = []
                    while answers.count < 99, let answer = try await group.next() { answers.append(answer) }
                    return answers
                }
                for answer in others {
                    #expect(answer.status == .accepted)
                    #expect(answer.jsonObject["success"] as? Bool == true)
                    #expect(answer.jsonObject["deletedCount"] as? Int == 0)
                    #expect(answer.json["message"] == "A cleanup is already running; nothing was done")
                    #expect(answer.jsonObject.keys.sorted() == ["deletedCount", "message", "success", "timestamp"])
                }
                let first = try #require(try await group.next())
                #expect(first.status == .ok)
                #expect(first.jsonObject["deletedCount"] as? Int == 30)
            }
            #expect(try await StoredRows.count(in: database) == 1)
        }
    }

    @Test("AD-07 a caller that hangs up doesn't stop the run that it has started", .timeLimit(.minutes(5)))
    func hangingUp() async throws {
        try await TestDatabase.shared.withClient { database in
            // Two batches, with time between them to hang up.
            var options = Site.Options()
            options.policy.cleanupPause = .seconds(2)
            let site = try Site(store: try Site.store(database), options)
            try await StoredRows.insert(5001, into: database, expired: true)
            try await site.application.application.test(.live) { live in
                let client = TestClient(host: "127.0.0.1", port: try #require(live.port))
                client.connect()
                let headers: HTTPFields = [.authorization: "Bearer " + Site.cronSecret]
                try await client.executeAndDontWaitForResponse(
                    TestClient.request(Self.path, method: .post, headers: headers)
                )
                try await eventually("the first batch") { try await StoredRows.count(in: database) < 5001 }
                try await client.shutdown()
                // The row of the audit trail is the last that a run writes.
                try await eventually("an audit row") { try await !StoredRows.audit(in: database).isEmpty }
                #expect(try await StoredRows.count(in: database) == 0)
            }
        }
    }

    private static func isTimestamp(_ text: String?) -> Bool {
        text?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil
    }
}
