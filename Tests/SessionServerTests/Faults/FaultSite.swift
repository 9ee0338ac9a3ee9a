import HTTPTypes
import HummingbirdTesting
import LoginFlow
import Patience
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import TestSupport
import Testing

/// A site whose database is behind a proxy that makes faults, and a client that looks past it.
struct FaultSite: Sendable {
    let proxy: FaultProxy
    let site: Site
    let http: any TestClientProtocol
    let database: PostgresClient

    /// - Parameters:
    ///   - door: how the site comes to its database.
    ///   - patience: how long a request waits for the database.
    static func run(
        _ configure: (inout Site.Options) -> Void = { _ in },
        door: FaultProxy.Door = .socket,
        patience: Duration = .seconds(120),
        _ body: @Sendable (FaultSite) async throws -> Void
    ) async throws {
        var options = Site.Options()
        options.pacing.waitLimit = .seconds(120)
        options.pacing.writeLimit = .seconds(120)
        configure(&options)
        let chosen = options
        try await TestDatabase.shared.withDatabase { uri in
            try await FaultProxy.withProxy(to: uri, door: door) { proxy in
                try await client(uri, .seconds(120)) { database in
                    try await client(proxy.connectionString, patience) { client in
                        let site = try Site(store: try Site.store(client), chosen)
                        try await site.application.application.test(.router) {
                            try await body(FaultSite(proxy: proxy, site: site, http: $0, database: database))
                        }
                    }
                }
            }
        }
    }

    private static func client(
        _ uri: String,
        _ patience: Duration,
        _ body: (PostgresClient) async throws -> Void
    ) async throws {
        var configuration = PostgresConfiguration(connectionString: Secret(uri))
        configuration.requestTimeout = patience
        configuration.statementTimeout = patience
        try await PostgresClient.withClient(
            configuration: configuration,
            logger: TestDatabase.silentLogger,
            body
        )
    }

    /// How many sessions of a user are alive, seen past the proxy.
    func liveSessions(of subject: String) async throws -> Int64 {
        try await database.count(
            "sessions WHERE kind = 'session' AND revoked_at IS NULL AND sub = $1",
            [.text],
            [.text(subject)]
        )
    }

    /// How many codes and refresh tokens the provider was shown.
    var exchanges: Int { site.provider.requests(to: .token).count }
}

extension PostgresClient {
    /// The number of rows that the end of a query stands for.
    func count(
        _ rest: String,
        _ parameters: [PostgresType] = [],
        _ values: [PostgresValue] = []
    ) async throws -> Int64 {
        let statement = PostgresStatement("SELECT count(*) FROM \(rest)", parameters: parameters)
        return try #require(try await read(statement, values).first).int8(0)
    }

    /// Waits until a number of rows is there: a state is waited for, never a time.
    func wait(for count: Int64, _ rest: String) async throws {
        try await eventually("\(count) of \(rest)") { try await self.count(rest) >= count }
    }
}

extension TestResponse {
    /// What the database's absence is told as: try again, and nothing about sessions.
    func expectUnavailable(_ comment: Comment) {
        #expect(status == .serviceUnavailable, comment)
        #expect(headers[.retryAfter] != nil, comment)
        #expect(headers[.cacheControl] == "no-store", comment)
        #expect(!cookies.contains { $0.name == Site.sessionCookie }, comment)
    }
}
