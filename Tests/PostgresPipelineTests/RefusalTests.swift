import PostgresPipeline
import Secrets
import TestSupport
import Testing

@Suite("What is refused before it is sent")
struct RefusalTests {
    @Test(
        "COPY is refused, so that it costs nobody's connection",
        arguments: ["COPY t FROM STDIN", " -- x\ncopy t TO STDOUT"]
    )
    func copy(sql: String) async throws {
        let statement = PostgresStatement(sql)
        try await TestDatabase.shared.withClient(migrated: false) { client in
            try await client.write(PostgresStatement("CREATE TABLE t (v text)"))
            let errors = [
                try await postgresError { try await client.read(statement) },
                try await postgresError { try await client.write(statement) },
                try await postgresError { try await client.pipelinedTransaction([BoundStatement(statement)]) },
                try await postgresError { try await client.transaction { try await $0.query(statement) } },
            ]
            for error in errors { #expect(error.code == .invalidArguments) }
        }
    }

    @Test("SQL with a NUL character is refused rather than cut off")
    func nul() async throws {
        let sql = "CREATE TABLE one (i int);\0 CREATE TABLE two (i int)"
        try await TestDatabase.shared.withClient(migrated: false) { client in
            let script = try await postgresError {
                try await client.withDedicatedConnection { try await $0.execute(script: sql) }
            }
            let write = try await postgresError { try await client.write(PostgresStatement("SELECT 1\0, 2")) }
            for error in [script, write] { #expect(error.code == .invalidArguments) }
            let known = PostgresStatement("SELECT to_regclass('one') IS NULL")
            #expect(try #require(try await client.read(known).first).bool(0))
        }
    }

    @Test(
        "a statement timeout that the server can't count is a mistake of the configuration",
        arguments: [-1, 3_000_000]
    )
    func statementTimeout(seconds: Int) async throws {
        var configuration = PostgresConfiguration(connectionString: Secret("host=/nowhere"))
        configuration.statementTimeout = .seconds(seconds)
        configuration.requestTimeout = .seconds(1)
        let client = PostgresClient(configuration: configuration, logger: TestDatabase.silentLogger)
        let error = try await postgresError { try await client.read(ReadTests.echo, .int8(1)) }
        #expect(error.code == .configuration)
        await #expect(throws: PostgresError.self) { try await client.run() }
    }

    @Test("requests that were cancelled during an outage make room for others")
    func cancelledInOutage() async throws {
        var configuration = PostgresConfiguration(connectionString: Secret("host=/nowhere"))
        configuration.maximumQueued = 10
        configuration.requestTimeout = .seconds(3)
        try await PostgresClient.withClient(
            configuration: configuration,
            logger: TestDatabase.silentLogger
        ) { client in
            let first = (0..<10).map { _ in Task { try await client.read(ReadTests.echo, .int8(1)) } }
            try await client.waitForQueued(10)
            for task in first { task.cancel() }
            for task in first { _ = await task.result }
            let error = try await postgresError { try await client.read(ReadTests.echo, .int8(1)) }
            #expect(error.code == .unavailable)
        }
    }
}
