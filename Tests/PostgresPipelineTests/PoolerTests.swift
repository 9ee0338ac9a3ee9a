import PostgresPipeline
import Secrets
import TestSupport
import Testing

@Suite("Connection poolers", .enabled(if: PgBouncer.isInstalled, "apt-get install -y pgbouncer"))
struct PoolerTests {
    private func withPooler(_ mode: String, _ body: (PostgresClient, String) async throws -> Void) async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { direct in
            try await PgBouncer.withPooler(before: direct, mode: mode) { uri in
                var configuration = PostgresConfiguration(connectionString: Secret(uri))
                configuration.requestTimeout = .seconds(120)
                configuration.connectTimeout = .seconds(60)
                configuration.statementTimeout = .milliseconds(54_321)
                try await PostgresClient.withClient(
                    configuration: configuration,
                    logger: TestDatabase.silentLogger
                ) { try await body($0, direct) }
            }
        }
    }

    @Test(
        "RB-16 a pooler that shares sessions is refused with what to change, and nothing is left in its sessions",
        arguments: ["transaction", "statement"]
    )
    func shared(mode: String) async throws {
        try await withPooler(mode) { client, direct in
            let errors = [
                try await postgresError { try await client.read(ReadTests.echo, .int8(1)) },
                try await postgresError { try await client.write(ReadTests.echo, [.int8(1)]) },
                try await postgresError { try await client.withDedicatedConnection { _ in } },
            ]
            for error in errors {
                #expect(error.code == .configuration, "\(error)")
                #expect(error.message.contains("pool_mode=session"), "\(error)")
            }
            #expect(!client.isConnected)
            #expect(try await Self.settings(of: direct) == 0, "who comes to the pooler next finds them as they were")
        }
    }

    /// In how many sessions of the database a setting of ours was the last that was said.
    private static func settings(of uri: String) async throws -> Int64 {
        let query = PostgresStatement(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%54321%'
            """
        )
        return try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(uri)),
            logger: TestDatabase.silentLogger
        ) { client in try #require(try await client.read(query).first).int8(0) }
    }

    @Test("RB-16 a pooler whose clients keep their sessions changes nothing")
    func session() async throws {
        try await withPooler("session") { client, _ in
            try await client.write(WriteTests.createCounters)
            for id in Int32(1)...20 {
                try await client.write(WriteTests.insert, [.int4(id), .int4(1)])
                #expect(
                    try #require(try await client.read(ReadTests.echo, .int8(Int64(id))).first).int8(0) == Int64(id)
                )
            }
            let inserted = try await client.transaction { transaction in
                try await transaction.query(WriteTests.insert, [.int4(100), .int4(1)]).affectedRows
            }
            #expect(inserted == 1)
            try await client.withDedicatedConnection { first in
                #expect(try await first.tryAdvisoryLock(5))
                let isFree = try await client.withDedicatedConnection { try await $0.tryAdvisoryLock(5) }
                #expect(!isFree)
                #expect(try await first.advisoryUnlock(5))
            }
            var events = client.notifications(on: ["pooled"]).makeAsyncIterator()
            #expect(await events.next(isolation: nil) == .listening)
            try await client.write(PostgresStatement("SELECT pg_notify('pooled', 'x')"))
            guard case .notification("pooled", "x", _) = await events.next(isolation: nil) else {
                Issue.record("not heard")
                return
            }
        }
    }
}
