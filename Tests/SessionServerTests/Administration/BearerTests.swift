import HTTPTypes
import HummingbirdTesting
import Logging
import ScriptedProvider
import Secrets
import Sessions
import Testing

@testable import SessionServer

@Suite("Bearer endpoints")
struct BearerTests {
    /// A path, what may be done there, and whose token it takes.
    struct Door: Sendable, CustomTestStringConvertible {
        let method: HTTPRequest.Method
        let path: String
        let token: String

        var testDescription: String { "\(method) \(path)" }

        /// Taken from the tables, so that none is forgotten.
        static func all() throws -> [Door] {
            let options = Site.Options()
            let site = try Site(store: options.memory, options)
            return try SessionRoutes(flow: site.flow, settings: site.settings).endpoints.flatMap { endpoint in
                guard let surface = endpoint.surface else { return [Door]() }
                let path = endpoint.path.replacing("{handle}", with: String(repeating: "a", count: 32))
                let token = surface == .admin ? Site.adminToken : Site.cronSecret
                return endpoint.methods.map { Door(method: $0, path: path, token: token) }
            }
        }
    }

    @Test("The tables have bearer endpoints of both kinds")
    func doors() throws {
        let doors = try Door.all()
        #expect(doors.contains { $0.token == Site.adminToken })
        #expect(doors.contains { $0.token == Site.cronSecret })
    }

    @Test("AD-01 a wrong, truncated, longer, malformed or missing token is 401, and nothing else is learnt")
    func refusedTokens() async throws {
        for door in try Door.all() {
            try await Site.inMemory { _, client in
                let token = door.token
                for authorization in [
                    nil, "", "Bearer", "Bearer ", "Bearer " + String(repeating: "x", count: 40),
                    "Bearer " + token.dropLast(), "Bearer " + token.dropFirst(), "Bearer " + token + "x",
                    "Bearer " + token.prefix(1), "Bearer " + token.uppercased(), "Bearer \(token) \(token)",
                    "Bearer \(token), Bearer \(token)", "Bearer \(token),", token, "Basic " + token,
                    "Token " + token, "Bearer\t" + token, "Bearer " + token + "\u{301}", "Bearer \"\(token)\"",
                    "Bearer " + String(repeating: "x", count: 20_000),
                ] {
                    let response = try await Operator(client: client, authorization: authorization)
                        .send(door.method, door.path)
                    #expect(response.status == .unauthorized)
                    let challenge = try #require(response.headers[.wwwAuthenticate])
                    #expect(challenge.hasPrefix("Bearer realm="))
                    #expect(challenge.contains("invalid_token") == (authorization != nil))
                    #expect(response.headers[.allow] == nil)
                    if door.method != .head { #expect(response.json["error"] == "token_required") }
                }
            }
        }
    }

    @Test("AD-01 a token counts in the Authorization field alone: not in the query, a body or a cookie")
    func elsewhere() async throws {
        for door in try Door.all() {
            try await Site.inMemory { _, client in
                let stranger = Operator(client: client)
                for name in ["access_token", "token", "authorization"] {
                    let query = try await stranger.send(door.method, "\(door.path)?\(name)=\(door.token)")
                    #expect(query.status == .unauthorized)
                    let cookie = try await stranger.send(door.method, door.path, [.cookie: "\(name)=\(door.token)"])
                    #expect(cookie.status == .unauthorized)
                    let json = try await stranger.send(door.method, door.path, body: "{\"\(name)\":\"\(door.token)\"}")
                    #expect(json.status == .unauthorized)
                }
                for name in ["X-Api-Key", "X-Authorization", "Proxy-Authorization"] {
                    let field = HTTPField(name: .known(name), value: "Bearer " + door.token)
                    let response = try await stranger.send(door.method, door.path, [field.name: field.value])
                    #expect(response.status == .unauthorized)
                }
                var twice = HTTPFields()
                twice.append(HTTPField(name: .authorization, value: "Bearer " + door.token))
                twice.append(HTTPField(name: .authorization, value: "Bearer " + door.token))
                let repeated = try await stranger.send(door.method, door.path, twice)
                #expect(repeated.status == .unauthorized)
            }
        }
    }

    @Test("AD-02 neither a user's session, nor the provider's tokens, nor the other surface's token opens anything")
    func otherCredentials() async throws {
        let doors = try Door.all()
        try await Site.inMemory { site, client in
            let browser = Browser(client, accept: "application/json")
            try await browser.signIn(site.provider)
            let id = try #require(browser.cookies[Site.sessionCookie])
            let sessionID = try #require(SessionID(id))
            let session = try #require(try await site.manager.getSession(sessionID))
            let accessToken = try #require(session.accessToken).reveal()
            let idToken = try #require(session.idToken).reveal()
            for door in doors {
                let bare = try await browser.send(door.method, door.path, Site.sameOrigin)
                #expect(bare.status == .unauthorized)
                #expect(bare.cookies.isEmpty)
                let other = door.token == Site.adminToken ? Site.cronSecret : Site.adminToken
                for token in [accessToken, idToken, id, other] {
                    let response = try await browser.send(door.method, door.path, [.authorization: "Bearer " + token])
                    #expect(response.status == .unauthorized)
                }
            }
            let again = try await browser.whoAmI()
            #expect(again != nil)
        }
    }

    @Test("AD-01 without a token configured there is nothing there, exactly as anywhere else")
    func unset() async throws {
        let doors = try Door.all()
        try await Site.inMemory { options in
            options.settings = {
                $0.adminTokens = nil
                $0.cronSecrets = nil
            }
        } _: { _, client in
            for door in doors {
                for method in [door.method, .post, .delete, .put, .options, .head] {
                    for authorization in [nil, "Bearer " + door.token] {
                        let caller = Operator(client: client, authorization: authorization)
                        let response = try await caller.send(method, door.path)
                        let unknown = try await caller.send(method, "/api/no/such/path")
                        #expect(response.status == .notFound)
                        #expect(response.jsonObject.keys.sorted() == unknown.jsonObject.keys.sorted())
                        #expect(response.json["message"] == unknown.json["message"])
                        let names = { (response: TestResponse) in response.headers.map(\.name.canonicalName).sorted() }
                        #expect(names(response) == names(unknown))
                    }
                }
            }
        }
    }

    @Test("AD-01 a wrong method is 405 for whoever has a token, and 401 for everybody else")
    func wrongMethod() async throws {
        let doors = try Door.all()
        try await Site.inMemory { _, client in
            for door in doors {
                for method in [HTTPRequest.Method.put, .patch, .options, .trace] {
                    let stranger = try await Operator(client: client).send(method, door.path)
                    #expect(stranger.status == .unauthorized)
                    #expect(stranger.headers[.allow] == nil)
                    let known = try await Operator(client: client, authorization: "Bearer " + door.token)
                        .send(method, door.path)
                    #expect(known.status == .methodNotAllowed)
                    let allowed = Set(
                        doors.filter { $0.path == door.path && $0.token == door.token }.map(\.method.rawValue)
                    )
                    #expect(Set((known.headers[.allow] ?? "").split(separator: ", ").map(String.init)) == allowed)
                    #expect(known.headers[.known("Access-Control-Allow-Origin")] == nil)
                }
            }
        }
    }

    @Test(
        "AD-09 another spelling of a path never gets past the token",
        arguments: [
            "//api/cron/cleanup-sessions", "/api//cron//cleanup-sessions", "/api/cron/cleanup-sessions/",
            "/api/cron/cleanup-sessions//", "/API/CRON/CLEANUP-SESSIONS", "/api/cron/./cleanup-sessions",
            "/x/../api/cron/cleanup-sessions", "/api/cron/cleanup%2Dsessions", "/api%2Fcron/cleanup-sessions",
            "/api/cron;x/cleanup-sessions", "/api/cron/cleanup-sessions%00", "/api/cron/cleanup-sessions;",
            "/api/cron/cleanup-sessions%20", "/api\\cron\\cleanup-sessions",
        ]
    )
    func spellings(path: String) async throws {
        try await Site.inMemory { site, client in
            for method in [HTTPRequest.Method.get, .post, .put] {
                let response = try await Operator(client: client).send(method, path)
                #expect([.unauthorized, .notFound].contains(response.status))
            }
            // Where the router takes it for the same, the token opens it.
            let response = try await Operator.cron(client).get(path)
            #expect([.ok, .notFound].contains(response.status))
            #expect((response.status == .ok) == (path == "/api/cron/cleanup-sessions/"))
        }
    }

    @Test("Any token of the list opens, and its caller has a name that is stable and says nothing")
    func rotation() throws {
        let first = String(repeating: "a", count: 32)
        let second = String(repeating: "b", count: 44)
        let tokens = try BearerTokens(Secret(" \(first) ,\(second)"))
        let callers = [first, second].map { tokens.caller(presenting: $0.utf8[...])?.name }
        #expect(callers.allSatisfy { $0?.count == 14 })
        #expect(callers[0] != callers[1])
        #expect(try BearerTokens(Secret(second)).caller(presenting: second.utf8[...])?.name == callers[1])
        #expect(tokens.caller(presenting: "\(first),\(second)".utf8[...]) == nil)
        #expect("\(tokens)" == "2 bearer token(s)")
        #expect(Mirror(reflecting: tokens).children.isEmpty)
    }

    @Test(
        "AD-16 a list with a short, empty or malformed token is refused without showing it",
        arguments: [
            "", ",", "short", String(repeating: "x", count: 31), String(repeating: "x", count: 32) + ",",
            String(repeating: "x", count: 32) + ",short", String(repeating: "x y", count: 20),
            String(repeating: "ü", count: 32), String(repeating: "=", count: 40),
        ]
    )
    func refusedLists(list: String) throws {
        do {
            _ = try BearerTokens(Secret(list))
            Issue.record("accepted")
        } catch {
            #expect(!"\(error)".contains("xxxx") && !"\(error)".contains("short,"))
        }
    }

    @Test("A caller's scheme may be written in any case, and more than one space may follow")
    func scheme() async throws {
        try await Site.inMemory { _, client in
            for authorization in ["bearer ", "BEARER ", "Bearer    "] {
                let caller = Operator(client: client, authorization: authorization + Site.adminToken)
                let response = try await caller.get("/api/admin/sessions/stats")
                #expect(response.status == .ok)
            }
        }
    }

    @Test("AD-12 failures are logged once in a while, with their number, and neither they nor successes show a token")
    func log() async throws {
        let lines = SecrecyTests.Lines()
        try await Site.inMemory { options in
            options.logger = Logger(label: "test") { _ in lines }
        } _: { _, client in
            let wrong = "wrong-token-that-must-not-be-logged"
            for _ in 0..<20 {
                _ = try await Operator(client: client, authorization: "Bearer " + wrong)
                    .get("/api/admin/sessions/stats?access_token=\(Site.adminToken)")
            }
            _ = try await Operator.admin(client).get("/api/admin/sessions/stats")
            // One in ten seconds: on a busy machine these requests may take longer.
            let warnings = lines.all.filter { $0.contains("A bearer token was refused") }
            #expect((1..<20).contains(warnings.count))
            #expect(lines.all.contains { $0.contains("path=/api/admin/sessions/stats") })
            for line in lines.all { #expect(!line.contains(wrong) && !line.contains(Site.adminToken)) }
        }
    }

    @Test("The throttle lets one line through in ten seconds, and counts what it swallows")
    func throttle() {
        var throttle = FailureThrottle()
        let start = ContinuousClock.now
        #expect(throttle.record(at: start) == 1)
        for second in 1..<10 { #expect(throttle.record(at: start + .seconds(second)) == nil) }
        #expect(throttle.record(at: start + .seconds(10)) == 10)
        #expect(throttle.record(at: start + .seconds(15)) == nil)
        #expect(throttle.record(at: start + .seconds(30)) == 2)
    }
}
