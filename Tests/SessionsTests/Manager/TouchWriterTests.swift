import Foundation
import Logging
import Patience
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import Testing

@testable import Sessions

@Suite("Uses of sessions are written seldom, together, and without holding up reads")
struct TouchWriterTests {
    private let time = ManualTime()
    private let clock = ManualClock()
    private let log = LogRecorder()
    private let spy: StoreSpy
    private let manager: SessionManager

    init() {
        let time = time
        spy = StoreSpy(InMemorySessionStore(clock: { time.now }))
        var policy = SessionPolicy()
        policy.automaticCleanup = false
        manager = SessionManager(store: spy, policy: policy, logger: log.logger, clock: clock)
    }

    private var touches: [[SessionTouch]] { spy.plan.withLock { $0.touches } }

    @Test("SS-06 however often a session is read, one use is written, together with those of others")
    func coalesces() async throws {
        let ids = try await signIn(3)
        time.pass(.seconds(310))
        try await running {
            for _ in 0..<100 {
                for id in ids { _ = try await manager.getSession(id) }
            }
            // The hourly statistics, and the writer's pause.
            try await clock.sleepers(2)
            clock.advance(by: .milliseconds(250))
            try await written(batches: 1)
        }
        #expect(touches.count == 1)
        #expect(Set(touches.joined().map(\.id)) == Set(ids))
        #expect(touches.joined().count == 3)
        for id in ids {
            #expect(try await manager.getSession(id)?.lastAccessedAt == time.now - 0.25, "the writer waited so long")
        }
    }

    @Test("a fresh session, a look without touching, and a session that is over leave nothing to write")
    func leavesNothing() async throws {
        let ids = try await signIn(2)
        _ = try await manager.getSession(ids[0])
        time.pass(.seconds(310))
        _ = try await manager.getSession(ids[0], touch: false)
        try await manager.deleteSession(ids[1])
        _ = try await manager.getSession(ids[1])
        await manager.touchWriter.flush()
        #expect(touches.isEmpty)
    }

    @Test("graceful shutdown writes what waits")
    func shutdown() async throws {
        let ids = try await signIn(2)
        time.pass(.seconds(310))
        try await running {
            for id in ids { _ = try await manager.getSession(id) }
            try await clock.sleepers(2)
        }
        #expect(Set(touches.joined().map(\.id)) == Set(ids))
        #expect(log.count("Session management started") == 1)
        #expect(log.count("Session management shut down gracefully") == 1)
    }

    @Test("a use that fails to be written for a moment is tried again, with its age")
    func retries() async throws {
        let ids = try await signIn(1)
        time.pass(.seconds(1000))
        spy.plan.withLock { $0.touchErrors = [SessionError(.unavailable, "gone")] }
        _ = try await manager.getSession(ids[0])
        async let flush: Void = manager.touchWriter.flush()
        try await clock.sleepers(1)
        clock.advance(by: .seconds(5))
        await flush
        #expect(touches.map { $0.map(\.age) } == [[.zero], [.seconds(5)]])
        #expect(try await manager.getSession(ids[0])?.lastAccessedAt == time.now - 5)
    }

    @Test("a use that can't be written is given up, quietly")
    func givesUp() async throws {
        let ids = try await signIn(1)
        time.pass(.seconds(310))
        spy.plan.withLock { $0.touchErrors = [SessionError(.failed, "no")] }
        _ = try await manager.getSession(ids[0])
        await manager.touchWriter.flush()
        #expect(touches.count == 1)
        #expect(log.count("Touches dropped", level: .debug) == 1)
        #expect(log.count("", level: .error) == 0)
    }

    @Test("no more uses wait than a bound allows, and none is larger than a batch")
    func bounded() async throws {
        for _ in 0..<10_500 { manager.touchWriter.add(SessionID()) }
        await manager.touchWriter.flush()
        #expect(touches.joined().count == 10_000)
        #expect(touches.allSatisfy { $0.count <= 500 })
    }

    private func signIn(_ count: Int) async throws -> [SessionID] {
        var ids: [SessionID] = []
        for number in 0..<count {
            let user = UserKey(issuer: "i", subject: "user-\(number)")
            ids.append(try await manager.completeLogin(AuthenticatedLogin(user: user), replacing: nil).id)
        }
        return ids
    }

    /// Runs the manager as a service around `body`, and ends it gracefully.
    private func running(_ body: () async throws -> Void) async throws {
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let manager = manager
                group.addTask { try await manager.run() }
                try await body()
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }

    private func written(batches: Int) async throws {
        try await eventually("\(batches) batches") { touches.count >= batches }
    }
}
