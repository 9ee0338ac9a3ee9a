import Patience
import PostgresPipeline
import Secrets
import TestSupport
import Testing

@Suite("Bounds and cancellation")
struct BoundTests {
    @Test("a cancelled read returns at once; its neighbours on the connection get their own answers")
    func cancelledRead() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await Blockade.hold(client) { blockade in
                let cancelled = Task { try await client.read(Blockade.wait, .int8(blockade.key)) }
                try await blockade.waitForWaiters()
                // Behind it on the same connection.
                let neighbours = (Int64(0)..<20).map { number in
                    Task { try #require(try await client.read(ReadTests.echo, .int8(number)).first).int8(0) }
                }
                cancelled.cancel()
                let error = try await postgresError { try await cancelled.value }
                #expect(error.code == .cancelled)
                try await blockade.lift()
                for (number, neighbour) in neighbours.enumerated() {
                    #expect(try await neighbour.value == Int64(number))
                }
            }
        }
    }

    @Test("a request that was cancelled while it waited to be sent has no effect")
    func cancelledBeforeSending() async throws {
        let configure: (inout PostgresConfiguration) -> Void = {
            $0.maximumInFlight = 1
            $0.maximumQueued = 1
            $0.writeConnections = 2
        }
        try await TestDatabase.shared.withDriver(configure: configure) { client in
            try await client.write(WriteTests.createCounters)
            try await Blockade.hold(client) { blockade in
                var blockers: [Task<PostgresResult, any Error>] = []
                for count in Int64(1)...2 {
                    blockers.append(Task { try await client.write(Blockade.wait, [.int8(blockade.key)]) })
                    try await blockade.waitForWaiters(count)
                }
                let queued = Task {
                    while true {
                        do {
                            return try await client.write(WriteTests.insert, [.int4(1), .int4(1)])
                        } catch let error as PostgresError where error.code == .busy {
                            // The place was taken by the read below.
                        }
                    }
                }
                // It waits when it has the only place there is.
                try await eventually("the place is taken") {
                    (try? await client.read(ReadTests.echo, .int8(1))) == nil
                }
                queued.cancel()
                let error = try await postgresError { try await queued.value }
                #expect(error.code == .cancelled)
                try await blockade.lift()
                for blocker in blockers { _ = try await blocker.value }
            }
            try await client.write(WriteTests.insert, [.int4(2), .int4(1)])
            try await client.write(WriteTests.insert, [.int4(3), .int4(1)])
            let count = try #require(try await client.read(WriteTests.count).first).int8(0)
            #expect(count == 2)
        }
    }

    @Test("a task that is cancelled already sends nothing")
    func cancelledFromTheStart() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.write(WriteTests.createCounters)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await client.write(WriteTests.insert, [.int4(1), .int4(1)])
            }
            let error = try await postgresError { try await task.value }
            #expect(error.code == .cancelled)
            let count = try #require(try await client.read(WriteTests.count).first).int8(0)
            #expect(count == 0)
        }
    }

    @Test("RB-13 the server ends a statement at the statement timeout, and the connection goes on")
    func statementTimeout() async throws {
        let configure: (inout PostgresConfiguration) -> Void = { $0.statementTimeout = .milliseconds(50) }
        try await TestDatabase.shared.withDriver(configure: configure) { client in
            try await Blockade.hold(client) { blockade in
                let read = try await postgresError { try await client.read(Blockade.wait, .int8(blockade.key)) }
                #expect(read.code == .timeout)
                #expect(read.sqlState == "57014")
                let write = try await postgresError { try await client.write(Blockade.wait, [.int8(blockade.key)]) }
                #expect(write.code == .timeout)
            }
            let row = try #require(try await client.read(ReadTests.echo, .int8(1)).first)
            #expect(try row.int8(0) == 1)
        }
    }

    @Test("a server that does not answer in time is a timeout for reads and an unknown outcome for writes")
    func requestTimeout() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let patient = PostgresConfiguration(connectionString: Secret(uri))
            var impatient = patient
            impatient.requestTimeout = .seconds(1)
            impatient.statementTimeout = .seconds(20)
            try await PostgresClient.withClient(configuration: patient, logger: TestDatabase.silentLogger) { other in
                try await PostgresClient.withClient(
                    configuration: impatient,
                    logger: TestDatabase.silentLogger
                ) { client in
                    try await Blockade.hold(other) { blockade in
                        let key = PostgresValue.int8(blockade.key)
                        let read = Task { try await client.read(Blockade.wait, key) }
                        let write = Task { try await client.write(Blockade.wait, [key]) }
                        let repeatable = Task { try await client.write(Blockade.wait, [key], idempotent: true) }
                        let readError = try await postgresError { try await read.value }
                        let writeError = try await postgresError { try await write.value }
                        let repeatableError = try await postgresError { try await repeatable.value }
                        #expect(readError.code == .timeout)
                        #expect(writeError.code == .outcomeUnknown)
                        #expect(repeatableError.code == .timeout)
                        try await blockade.lift()
                    }
                }
            }
        }
    }

    @Test("one request more than may wait is refused at once, and the others are answered")
    func busy() async throws {
        let configure: (inout PostgresConfiguration) -> Void = {
            $0.maximumInFlight = 1
            $0.maximumQueued = 3
        }
        try await TestDatabase.shared.withDriver(configure: configure) { client in
            try await Blockade.hold(client) { blockade in
                let blocker = Task { try await client.read(Blockade.wait, .int8(blockade.key)) }
                try await blockade.waitForWaiters()
                let outcomes = AsyncStream<Int64?>.makeStream()
                let tasks = (Int64(0)..<10).map { number in
                    Task {
                        do {
                            let row = try await client.read(ReadTests.echo, .int8(number)).first
                            outcomes.continuation.yield(try row?.int8(0))
                        } catch {
                            #expect((error as? PostgresError)?.code == .busy)
                            outcomes.continuation.yield(nil)
                        }
                    }
                }
                var iterator = outcomes.stream.makeAsyncIterator()
                // Seven are refused while nothing moves; then three are answered.
                for _ in 0..<7 { #expect(try #require(await iterator.next()) == nil) }
                try await blockade.lift()
                for _ in 0..<3 { #expect(try #require(await iterator.next()) != nil) }
                _ = try await blocker.value
                for task in tasks { await task.value }
            }
        }
    }
}
