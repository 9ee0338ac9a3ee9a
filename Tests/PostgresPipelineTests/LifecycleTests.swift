import Patience
import PostgresPipeline
import Secrets
import ServiceLifecycle
import ServiceLifecycleTestKit
import TestSupport
import Testing

@Suite("Start and stop")
struct LifecycleTests {
    @Test("graceful shutdown answers what was accepted, refuses the rest, and leaves no connection")
    func gracefulShutdown() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            var configuration = PostgresConfiguration(connectionString: Secret(uri))
            configuration.statementTimeout = .seconds(60)
            configuration.requestTimeout = .seconds(60)
            let logger = TestDatabase.silentLogger
            try await PostgresClient.withClient(configuration: configuration, logger: logger) { other in
                configuration.applicationName = "to be shut down"
                let client = PostgresClient(configuration: configuration, logger: logger)
                try await testGracefulShutdown { trigger in
                    let running = Task { try await client.run() }
                    try await Blockade.hold(other) { blockade in
                        let reads = (0..<10).map { _ in
                            Task { try await client.read(Blockade.wait, .int8(blockade.key)) }
                        }
                        let write = Task { try await client.write(Blockade.wait, [.int8(blockade.key)]) }
                        try await blockade.waitForWaiters(2)
                        trigger.triggerGracefulShutdown()
                        // From some moment on, requests are refused; those before it are answered.
                        var refusal: PostgresError?
                        try await eventually("a refusal") {
                            let probe = Task { try await client.write(ReadTests.echo, [.int8(1)]) }
                            refusal = await probe.result.failure as? PostgresError
                            return refusal != nil
                        }
                        #expect(refusal?.code == .closed)
                        try await blockade.lift()
                        for read in reads { #expect(try await read.value.rowCount == 1) }
                        #expect(try await write.value.rowCount == 1)
                    }
                    try await running.value
                }
                let error = try await postgresError { try await client.read(ReadTests.echo, .int8(1)) }
                #expect(error.code == .closed)
                let transaction = try await postgresError { try await client.transaction { _ in } }
                #expect(transaction.code == .closed)
                let dedicated = try await postgresError { try await client.withDedicatedConnection { _ in } }
                #expect(dedicated.code == .closed)
                let remaining = PostgresStatement(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'to be shut down'"
                )
                // Server processes end a moment after their connections.
                try await eventually("no server process is left") {
                    try #require(try await other.read(remaining).first).int8(0) == 0
                }
            }
        }
    }

    @Test("cancelling run() ends it too")
    func cancelledRun() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let client = PostgresClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            )
            let running = Task { try await client.run() }
            #expect(try await client.read(ReadTests.echo, .int8(1)).rowCount == 1)
            running.cancel()
            try await running.value
            #expect(!client.isConnected)
        }
    }

    @Test("requests may come before run(), and a client that is never run is closed with its last reference")
    func beforeRun() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let client = PostgresClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            )
            #expect(!client.isConnected)
            #expect(try await client.read(ReadTests.echo, .int8(1)).rowCount == 1)
            try await client.write(ReadTests.echo, [.int8(1)])
            #expect(client.isConnected)
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
