import Glibc
import Patience
import Secrets
import Synchronization
import TestSupport
import Testing

@testable import PostgresPipeline

@Suite("Between tasks and a connection's thread")
struct MailboxTests {
    @Test("the end of a scope wakes a thread that drains, even one that was about to fall asleep")
    func endOfLease() {
        let mailbox = Mailbox()
        #expect(mailbox.lease())
        mailbox.close(.draining)
        // The thread has looked, found the lease, and has not said yet that it sleeps.
        mailbox.wakeUp.silence()
        mailbox.endLease()
        var descriptor = pollfd(fd: mailbox.wakeUp.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&descriptor, 1, 0) == 1)
    }

    @Test("a statement that escaped its scope is refused, also when it was submitted before the scope ended")
    func escaped() async throws {
        try await TestDatabase.shared.withClient(migrated: false) { client in
            try client.start()
            let mailbox = try #require(client.writes.mailboxes.first)
            let scope = ConnectionScope(on: mailbox, timeout: .seconds(30))
            try await scope.start([.nothing])
            scope.token.end()
            let operation = try Operation(ReadTests.echo, [.int8(1)])
            let request = Request(.scoped(scope.token, endsTransaction: false), operation, deadline: .never)
            let answer = await request.answer { request in
                #expect(mailbox.submit(request) == nil)
                return nil
            }
            guard case .failure(let error) = answer else {
                Issue.record("it was executed")
                return
            }
            #expect(error.code == .closed)
        }
    }

    @Test("what was accepted while the first connection was being made is answered by a shutdown")
    func shutdownWhileConnecting() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let client = PostgresClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            )
            let read = Task { try #require(try await client.read(ReadTests.echo, .int8(3)).first).int8(0) }
            try await eventually("the read is accepted") {
                client.isConnected || client.reads.mailboxes.contains { $0.load.load(ordering: .relaxed) > 0 }
            }
            await client.shutDown()
            let answer = try await read.value
            #expect(answer == 3)
        }
    }
}
