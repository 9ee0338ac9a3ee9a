import Foundation
import HTTPTypes
import HummingbirdTesting
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Administrators' lists and endings")
struct AdminSessionsTests {
    static let list = "/api/admin/sessions"

    /// A site over rows of every state: 3 active, 2 expired, 2 revoked ones of tenant `acme`, 1 active of `other`.
    private func withRows(
        _ body: @Sendable (PostgresClient, Site, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await StoredRows.insert(3, into: database, expired: false, tenant: "acme")
            try await StoredRows.insert(2, into: database, expired: true, tenant: "acme")
            try await StoredRows.insert(2, into: database, expired: false, tenant: "acme", revoked: true)
            try await StoredRows.insert(1, into: database, expired: false, tenant: "other")
            try await site.application.application.test(.router) { try await body(database, site, $0) }
        }
    }

    private static func sessions(_ response: TestResponse) throws -> [[String: Any]] {
        try #require(response.jsonObject["sessions"] as? [[String: Any]])
    }

    @Test("Counts come under their documented names")
    func statistics() async throws {
        try await withRows { _, _, client in
            for path in ["/api/admin/sessions/stats", "/api/auth/admin/sessions/stats"] {
                let body = try await Operator.admin(client).get(path).jsonObject
                #expect(body["totalActiveSessions"] as? Int == 4)
                #expect(body["expiredSessions"] as? Int == 2)
                #expect(body["inactiveSessions"] as? Int == 0)
                #expect(body["sessionsByTenant"] as? [String: Int] == ["acme": 3, "other": 1])
                #expect(body["revokedSessions"] as? Int == 2)
                #expect(body["totalSessions"] as? Int == 8)
            }
        }
    }

    @Test("AD-06 pages go through all sessions once, whatever their size, by body and by Link")
    func pages() async throws {
        try await withRows { _, _, client in
            let admin = Operator.admin(client)
            let all = try Self.sessions(try await admin.get(Self.list)).compactMap { $0["handle"] as? String }
            #expect(all.count == 8 && Set(all).count == 8)
            for limit in [1, 3, 8, 1000] {
                var handles: [String] = []
                var uri: String? = "\(Self.list)?limit=\(limit)"
                while let page = uri {
                    let response = try await admin.get(page)
                    let sessions = try Self.sessions(response)
                    #expect(sessions.count <= limit)
                    handles += sessions.compactMap { $0["handle"] as? String }
                    let next = response.json["next"]
                    uri = next.map { "\(Self.list)?limit=\(limit)&cursor=\($0)" }
                    #expect(response.headers[.known("Link")] == uri.map { "<\($0)>; rel=\"next\"" })
                    #expect(handles.count <= 8)
                }
                #expect(handles == all)
            }
        }
    }

    @Test("AD-06 what is listed has device, times, state and address, and neither id, digest nor token")
    func members() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            _ = try await browser.get("/callback?" + answer.query, [.userAgent: "Mozilla/5.0 (X11; Linux x86_64)"])
            let id = try #require(browser.cookies[Site.sessionCookie])
            let sessionID = try #require(SessionID(id))
            let session = try #require(try await site.manager.getSession(sessionID))
            let response = try await Operator.admin(client).get(Self.list)
            let listed = try #require(try Self.sessions(response).first)
            let handle = try #require(listed["handle"] as? String)
            #expect(handle == session.handle.rawValue)
            #expect(listed["user"] as? String == "alice-1")
            #expect(listed["state"] as? String == "active")
            #expect(listed["userAgent"] as? String == "Mozilla/5.0 (X11; Linux x86_64)")
            #expect(listed["lastAccessedAt"] as? String != nil)
            #expect(listed["hasRefreshToken"] as? Bool == (session.refreshToken != nil))
            let one = try await Operator.admin(client).get("\(Self.list)/\(handle)")
            #expect(one.jsonObject["handle"] as? String == handle)
            let tokens = [session.accessToken, session.refreshToken, session.idToken].compactMap { $0?.reveal() }
            #expect(!tokens.isEmpty)
            for secret in tokens + [id] {
                #expect(!response.text.contains(secret) && !one.text.contains(secret))
            }
            // A handle is half of the digest; the whole of it would be the key of the row.
            let long = response.text.matches(of: /[0-9a-f]{33,}/)
            #expect(long.isEmpty)
            browser.cookies = [Site.sessionCookie: handle]
            let nobody = try await browser.whoAmI()
            #expect(nobody == nil)
        }
    }

    @Test("Of tokens that are gone nothing is told: a revoked session has no end of an access token")
    func revoked() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let id = try #require(browser.cookies[Site.sessionCookie].flatMap { SessionID($0) })
            func listed() async throws -> [String: Any] {
                try await Operator.admin(client).get("\(Self.list)/\(id.handle.rawValue)").jsonObject
            }
            #expect(try await listed()["accessTokenExpiresAt"] as? String != nil)
            #expect(try await site.manager.revokeSession(id))
            let after = try await listed()
            #expect(after["state"] as? String == "revoked" && after["hasRefreshToken"] as? Bool == false)
            #expect(after["accessTokenExpiresAt"] is NSNull)
        }
    }

    @Test(
        "Filters select by tenant, user, state and age",
        arguments: [
            ("tenantId=acme", 7), ("tenantId=other", 1), ("tenantId=acm", 0), ("tenantId=%25", 0), ("user=user-1", 4),
            ("user=user-3", 1), ("user=user-%25", 0), ("user=user-1&tenantId=other", 1), ("state=active", 4),
            ("state=expired", 2), ("state=revoked", 2), ("state=active,revoked", 6), ("state=inactive", 0),
            ("olderThanDays=1", 0), ("inactiveDays=1", 0), ("issuer=https://issuer.example", 0), ("limit=5", 5),
        ]
    )
    func filters(query: String, count: Int) async throws {
        try await withRows { _, _, client in
            let response = try await Operator.admin(client).get("\(Self.list)?\(query)")
            #expect(try Self.sessions(response).count == count)
        }
    }

    @Test(
        "A parameter that isn't understood is refused by name, and nothing is listed or ended",
        arguments: [
            ("tenant=acme", "tenant"), ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"),
            ("limit=+5", "limit"), ("limit=1e2", "limit"), ("limit=99999999999999999999", "limit"), ("limit=", "limit"),
            ("cursor=x", "cursor"), ("cursor=" + String(repeating: "A", count: 200), "cursor"), ("state=gone", "state"),
            ("state=", "state"), ("state=active,", "state"), ("state=ACTIVE", "state"), ("tenantId=", "tenantId"),
            ("tenantId=a&tenantId=b", "tenantId"), ("user=a%00b", "user"), ("user=a%0Ab", "user"),
            ("olderThanDays=0", "olderThanDays"), ("olderThanDays=1.5", "olderThanDays"),
            ("email=", "email"), ("email=a%40b&email=a%40c", "email"), ("email=a%00b", "email"),
            ("inactiveDays=0", "inactiveDays"), ("inactiveDays=36501", "inactiveDays"),
            ("user=" + String(repeating: "x", count: 256), "user"),
        ]
    )
    func malformed(query: String, name: String) async throws {
        try await withRows { database, _, client in
            let before = try await StoredRows.snapshot(of: database)
            let isListParameter = ["limit", "cursor"].contains(name)
            for method in isListParameter ? [HTTPRequest.Method.get] : [.get, .delete] {
                let response = try await Operator.admin(client).send(method, "\(Self.list)?\(query)")
                #expect(response.status == .badRequest)
                #expect(response.json["error"] == "invalid_parameter")
                #expect(response.json["message"]?.contains("'\(name)'") == true)
            }
            #expect(try await StoredRows.snapshot(of: database) == before)
        }
    }

    @Test(
        "An empty criterion is refused, never taken for all",
        arguments: [
            ("", nil), ("", "{}"), ("?dryRun=false", nil), ("?mode=delete", nil), ("?mode=revoke", "{}"),
            ("?state=active,expired,revoked,inactive", nil), ("?state=active,expired,revoked", nil),
            ("", #"{"mode":"delete"}"#), ("", #"{"state":["active","expired","revoked"]}"#), ("", " \n"),
            ("?", nil), ("?&&", nil), ("", #"{"dryRun":false,"mode":"revoke"}"#),
        ] as [(String, String?)]
    )
    func emptyCriterion(query: String, body: String?) async throws {
        try await withRows { database, _, client in
            let before = try await StoredRows.snapshot(of: database)
            let response = try await Operator.admin(client).send(.delete, Self.list + query, body: body)
            #expect(response.status == .badRequest)
            #expect(try await StoredRows.snapshot(of: database) == before)
        }
    }

    @Test("Sessions are deleted by criteria, in the query or in a body, and a dry run only counts")
    func deletion() async throws {
        for (query, body) in [("?tenantId=acme&state=expired", nil), ("", #"{"tenantId":"acme","state":["expired"]}"#)]
        {
            try await withRows { database, _, client in
                let admin = Operator.admin(client)
                let dry = query.isEmpty ? "" : query + "&dryRun=true"
                let dryBody = body?.replacing("{", with: "{\"dryRun\":true,", maxReplacements: 1)
                let counted = try await admin.send(.delete, Self.list + dry, body: dryBody)
                #expect(counted.jsonObject["matchedCount"] as? Int == 2)
                #expect(counted.jsonObject["endedCount"] as? Int == 0)
                #expect(counted.jsonObject["dryRun"] as? Bool == true)
                #expect(try await StoredRows.count(in: database) == 8)
                let response = try await admin.send(.delete, Self.list + query, body: body)
                #expect(response.jsonObject["matchedCount"] as? Int == 2)
                #expect(response.jsonObject["endedCount"] as? Int == 2)
                #expect(response.jsonObject["isComplete"] as? Bool == true)
                #expect(try await StoredRows.count(in: database) == 6)
            }
        }
    }

    @Test("With mode=revoke live sessions are ended and their rows kept")
    func revocation() async throws {
        try await withRows { database, _, client in
            let admin = Operator.admin(client)
            let response = try await admin.send(.delete, Self.list + "?tenantId=acme&mode=revoke")
            #expect(response.jsonObject["endedCount"] as? Int == 3)
            #expect(response.json["mode"] == "revoke")
            #expect(try await StoredRows.count(in: database) == 8)
            let revoked = try await admin.get(Self.list + "?state=revoked")
            #expect(try Self.sessions(revoked).count == 5)
        }
    }

    @Test("SS-09 one session is ended by its handle, at once, and the audit trail says who asked, without a token")
    func one() async throws {
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await site.application.application.test(.router) { client in
                let browser = Browser(client)
                try await browser.signIn(site.provider)
                let handle = try #require(try await browser.get("/session", [.accept: "*/*"]).json["session"])
                let admin = Operator.admin(client)
                let dry = try await admin.send(.delete, "\(Self.list)/\(handle)?dryRun=true")
                #expect(dry.jsonObject["matchedCount"] as? Int == 1)
                #expect(dry.jsonObject["endedCount"] as? Int == 0)
                let before = try await browser.whoAmI()
                #expect(before == "alice-1")
                let response = try await admin.send(.delete, "\(Self.list)/\(handle)")
                #expect(response.jsonObject["endedCount"] as? Int == 1)
                let after = try await browser.whoAmI()
                #expect(after == nil)
                let again = try await admin.send(.delete, "\(Self.list)/\(handle)")
                #expect(again.jsonObject["endedCount"] as? Int == 0)
                let shown = try await admin.get("\(Self.list)/\(handle)")
                #expect(shown.json["state"] == "revoked")
                #expect(shown.json["revocationReason"] == "revoked")
                let audit = try await StoredRows.audit(in: database)
                let row = try #require(audit.first { $0.hasPrefix("REVOKE ") })
                #expect(row.contains(#""surface": "admin-api""#) && row.contains(#""name": "token-"#))
                #expect(row.contains(try #require(response.headers[.requestID])))
                for row in audit { #expect(!row.contains(Site.adminToken)) }
            }
        }
    }

    @Test("A session is found by its user's e-mail address, in any case, and none is ended by it")
    func email() async throws {
        try await withRows { database, site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let handle = try #require(try await browser.get("/session", [.accept: "*/*"]).json["session"])
            let admin = Operator.admin(client)
            let found = try Self.sessions(try await admin.get(Self.list + "?email=Alice%40example.ORG"))
            #expect(found.compactMap { $0["handle"] as? String } == [handle])
            let elsewhere = try await admin.get(Self.list + "?email=alice%40example.org&tenantId=acme")
            #expect(try Self.sessions(elsewhere).isEmpty)
            let before = try await StoredRows.snapshot(of: database)
            for (query, body) in [("?email=alice%40example.org", nil), ("", #"{"email":"alice@example.org"}"#)] {
                let response = try await admin.send(.delete, Self.list + query, body: body)
                #expect(response.status == .badRequest)
                #expect(response.json["message"]?.contains("'email'") == true)
            }
            #expect(try await StoredRows.snapshot(of: database) == before)
        }
    }

    @Test("An ending by criteria leaves one audit row with criteria, count, handles and who asked")
    func audit() async throws {
        try await withRows { database, _, client in
            let admin = Operator.admin(client)
            let found = try Self.sessions(try await admin.get(Self.list + "?user=user-1&state=expired"))
            _ = try await admin.send(.delete, Self.list + "?user=user-1&state=expired")
            let rows = try await StoredRows.audit(in: database)
            #expect(rows.count == 1)
            let row = try #require(rows.first)
            let handle = try #require(found.first?["handle"] as? String)
            #expect(row.contains(#""handles": ["\#(handle)"]"#), "\(row)")
            #expect(row.contains(#""subject": "user-1""#) && row.contains(#""ended": 1"#))
            #expect(row.contains(#""surface": "admin-api""#))
            #expect(!row.contains(Site.adminToken))
        }
    }

    @Test("A handle that is unknown or malformed is 404", arguments: ["0", "x", "stats0", "%00", "..%2f", "-1"])
    func unknownHandle(handle: String) async throws {
        try await withRows { database, _, client in
            for handle in [handle, String(repeating: String(handle.prefix(1)), count: 32)] {
                for method in [HTTPRequest.Method.get, .delete] {
                    let response = try await Operator.admin(client).send(method, "\(Self.list)/\(handle)")
                    #expect(response.status == .notFound)
                }
            }
            #expect(try await StoredRows.count(in: database) == 8)
        }
    }

    @Test("Without the database the answer is 503, to every request with a token")
    func outage() async throws {
        // Nobody listens there.
        var configuration = PostgresConfiguration(connectionString: Secret("postgresql://127.0.0.1:1/none"))
        configuration.requestTimeout = .milliseconds(300)
        try await PostgresClient.withClient(
            configuration: configuration,
            logger: TestDatabase.silentLogger
        ) { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await site.application.application.test(.router) { client in
                for (method, path) in [
                    (HTTPRequest.Method.get, Self.list), (.get, Self.list + "/stats"),
                    (.delete, Self.list + "?user=x"), (.get, Self.list + "/cleanup/status"),
                    (.post, Self.list + "/cleanup"), (.get, Self.list + "/" + String(repeating: "a", count: 32)),
                ] {
                    let response = try await Operator.admin(client).send(method, path)
                    #expect(response.status == .serviceUnavailable)
                    let stranger = try await Operator(client: client).send(method, path)
                    #expect(stranger.status == .unauthorized)
                }
            }
        }
    }
}
