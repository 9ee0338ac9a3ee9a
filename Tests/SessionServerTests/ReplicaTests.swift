import HTTPTypes
import HummingbirdTesting
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

/// Two servers, each with its own pool, on one database.
@Suite("Replicas")
struct ReplicaTests {
    private func withReplicas(
        _ body: @Sendable (Site, any TestClientProtocol, any TestClientProtocol, PostgresClient) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withDatabase { uri in
            let configuration = PostgresConfiguration(connectionString: Secret(uri))
            try await PostgresClient.withClient(
                configuration: configuration,
                logger: TestDatabase.silentLogger
            ) { first in
                try await PostgresClient.withClient(
                    configuration: configuration,
                    logger: TestDatabase.silentLogger
                ) { second in
                    let options = Site.Options()
                    let one = try Site(store: try Site.store(first), options)
                    let two = try Site(store: try Site.store(second), options)
                    try await one.application.application.test(.router) { left in
                        try await two.application.application.test(.router) { right in
                            try await body(one, left, right, first)
                        }
                    }
                }
            }
        }
    }

    @Test("CB-04 RC-08 concurrent callbacks on two replicas exchange the code once, 200 times over")
    func concurrentCallbacks() async throws {
        try await withReplicas { site, left, right, _ in
            let repetitions = 200
            for repetition in 1...repetitions {
                let browser = Browser(repetition.isMultiple(of: 2) ? left : right)
                let answer = try await browser.visitProvider(site.provider)
                let cookies = browser.cookies
                let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                    for number in 0..<6 {
                        let racer = Browser(number.isMultiple(of: 2) ? left : right, cookies: cookies)
                        group.addTask { try await racer.get("/callback?" + answer.query).status }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.count { $0 == .seeOther } == 1)
                #expect(statuses.count { $0 == .badRequest } == 5)
            }
            #expect(site.provider.requests(to: .token).count == repetitions)
        }
    }

    @Test("Any replica finishes and serves what another has begun")
    func anyReplica() async throws {
        try await withReplicas { site, left, right, _ in
            let browser = Browser(left)
            let answer = try await browser.visitProvider(site.provider)
            let elsewhere = Browser(right, cookies: browser.cookies)
            #expect(try await elsewhere.get("/callback?" + answer.query).status == .seeOther)
            let back = Browser(left, cookies: elsewhere.cookies)
            #expect(try await back.whoAmI() == "alice-1")
            _ = try await back.post("/logout")
            #expect(try await elsewhere.whoAmI() == nil)
        }
    }

    @Test("SS-11 simultaneous logins of one user on two replicas leave the maximum of sessions, 20 times over")
    func limit() async throws {
        try await withReplicas { site, left, right, _ in
            for _ in 0..<20 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<14 {
                        let browser = Browser(number.isMultiple(of: 2) ? left : right)
                        group.addTask { try await browser.signIn(site.provider) }
                    }
                    try await group.waitForAll()
                }
                let user = UserKey(tenantID: "", issuer: site.provider.issuer, subject: "alice-1")
                #expect(try await site.manager.getUserSessions(user).count == 10)
            }
        }
    }

    private static let ageLogins = PostgresStatement(
        "UPDATE sessions SET created_at = created_at - interval '1 hour', expires_at = expires_at - interval '1 hour'",
        parameters: []
    )
    private static let ageUse = PostgresStatement(
        "UPDATE sessions SET created_at = created_at - interval '61 minutes', "
            + "last_accessed_at = last_accessed_at - interval '61 minutes'",
        parameters: []
    )
    private static let ageCreation = PostgresStatement(
        "UPDATE sessions SET created_at = created_at - interval '31 days', last_accessed_at = now(), "
            + "expires_at = now() + interval '7 days'",
        parameters: []
    )

    @Test("CB-05 a login older than its lifetime by the database's clock is refused, cleaner or not")
    func staleLogin() async throws {
        try await withReplicas { site, left, _, client in
            let browser = Browser(left)
            let answer = try await browser.visitProvider(site.provider)
            _ = try await client.write(Self.ageLogins, [])
            #expect(try await browser.get("/callback?" + answer.query).status == .badRequest)
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test("SS-04 SS-05 idle and absolute lifetimes hold by the database's clock, cleaner or not", arguments: [0, 1])
    func lifetimes(index: Int) async throws {
        try await withReplicas { site, left, right, client in
            let browser = Browser(left)
            try await browser.signIn(site.provider)
            #expect(try await browser.whoAmI() == "alice-1")
            _ = try await client.write([Self.ageUse, Self.ageCreation][index], [])
            #expect(try await browser.whoAmI() == nil)
            #expect(try await Browser(right, cookies: browser.cookies).whoAmI() == nil)
        }
    }
}
