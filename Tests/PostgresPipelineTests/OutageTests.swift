import Foundation
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("Outages")
struct OutageTests {
    @Test("an outage is waited out; only the write that was under way has an unknown outcome")
    func waitedOut() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = PrivatePostgres.Options()
        options.durable = false
        let first = try await PrivatePostgres.start(directory: directory, options: options)
        let log = RecordedLog()
        var configuration = PostgresConfiguration(connectionString: Secret(first.connectionString))
        configuration.statementTimeout = .seconds(60)
        configuration.requestTimeout = .seconds(60)
        try await PostgresClient.withClient(configuration: configuration, logger: log.logger) { client in
            try await client.write(WriteTests.createCounters)
            try await client.withDedicatedConnection { try await $0.execute(script: LossTests.slowCommit) }
            try await Blockade.hold(client) { blockade in
                let underway = Task { try await client.write(LossTests.insertSlow, [.int4(1)]) }
                let committing = Task {
                    try await client.transaction { try await $0.query(LossTests.insertSlow, [.int4(2)]).affectedRows }
                }
                try await blockade.waitForWaiters(2)
                try await first.stopImmediately()
                let error = try await postgresError { try await underway.value }
                #expect(error.code == .outcomeUnknown)
                let commitError = try await postgresError { try await committing.value }
                #expect(commitError.code == .outcomeUnknown)
            }
            try await client.waitForNoConnections()
            // None of these was sent, so all of them wait.
            let read = Task { try await client.read(ReadTests.echo, .int8(5)) }
            let write = Task { try await client.write(WriteTests.insert, [.int4(1), .int4(1)]) }
            let transaction = Task {
                try await client.transaction { try await $0.query(WriteTests.insert, [.int4(2), .int4(1)]) }
            }
            let second = try await PrivatePostgres.start(directory: directory, options: options)
            #expect(try #require(try await read.value.first).int8(0) == 5)
            #expect(try await write.value.affectedRows == 1)
            #expect(try await transaction.value.affectedRows == 1)
            let count = try #require(try await client.read(WriteTests.count).first).int8(0)
            #expect(count == 2)
            try await second.stop()
        }
        let lines = log.lines
        #expect(lines.contains { $0.contains("warning Postgres connection lost") && $0.contains("connection=read-0") })
        #expect(lines.contains { $0.contains("notice Postgres connection restored") && $0.contains("outage_ms=") })
        #expect(!lines.contains { $0.contains(directory.lastPathComponent) || $0.contains("postgresql://") })
    }

    @Test("a database that does not come back in time is reported as unavailable, with the reason")
    func notComingBack() async throws {
        let uri = "postgresql://user:geheim@/db?host=\(TestDatabase.scratchDirectory().path)"
        var configuration = PostgresConfiguration(connectionString: Secret(uri))
        configuration.requestTimeout = .milliseconds(200)
        let log = RecordedLog()
        try await PostgresClient.withClient(configuration: configuration, logger: log.logger) { client in
            let errors = [
                try await postgresError { try await client.read(ReadTests.echo, .int8(1)) },
                try await postgresError { try await client.write(ReadTests.echo, [.int8(1)]) },
                try await postgresError {
                    try await client.pipelinedTransaction([BoundStatement(ReadTests.echo, .int8(1))])
                },
                try await postgresError { try await client.transaction { try await $0.query(ReadTests.echo) } },
                try await postgresError { try await client.withDedicatedConnection { _ in } },
            ]
            for error in errors {
                #expect(error.code == .unavailable)
                #expect(error.isTransient)
                #expect(error.message.contains("no such socket"))
            }
            #expect(!client.isConnected)
        }
        #expect(!log.lines.contains { $0.contains("geheim") })
        // The first failure of each connection is worth a warning, the repetitions are not.
        #expect(log.lines.filter { $0.hasPrefix("warning") && $0.contains("read-0") }.count == 1)
    }
}
