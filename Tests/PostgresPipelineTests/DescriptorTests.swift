import Secrets
import TestSupport
import Testing

@testable import PostgresPipeline

/// A process that has no file descriptor left can't make the eventfd that wakes a connection's thread.
@Suite("Without file descriptors")
struct DescriptorTests {
    @Test("a scope's connection that could not be woken is refused at once")
    func refused() async throws {
        let client = PostgresClient(
            configuration: PostgresConfiguration(connectionString: Secret("host=/nowhere")),
            logger: TestDatabase.silentLogger
        )
        let mailbox = Mailbox(wakeUp: WakeUp(descriptor: -1))
        let plan = try client.plan("dedicated", try client.connectionString.get(), .zero, reconnects: false)
        let error = try await postgresError { try client.startSatellite(mailbox, plan) }
        #expect(error.code == .unavailable)
    }

    @Test("a pooled connection that can't be woken looks for requests by itself, and ends when told")
    func unwoken() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let client = PostgresClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            )
            let mailbox = Mailbox(wakeUp: WakeUp(descriptor: -1))
            ConnectionThread.start(try client.plan("read-0", try client.connectionString.get(), .zero), mailbox)
            let scope = ConnectionScope(on: mailbox, timeout: .seconds(30))
            try await scope.start([.nothing])
            for number in Int64(0)..<3 {
                let row = try await scope.query(try Operation(ReadTests.echo, [.int8(number)])).first
                #expect(try row?.int8(0) == number)
            }
            scope.end()
            mailbox.close(.draining)
            await mailbox.waitForEnd()
        }
    }
}
