import Foundation
import Logging
import Patience
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import Testing

@testable import Sessions

@Suite("The cleaner runs on its own, reports, and never ends the process")
struct CleanerTests {
    private let time = ManualTime()
    private let clock = ManualClock()
    private let log = LogRecorder()
    private let spy: StoreSpy

    init() {
        let time = time
        spy = StoreSpy(InMemorySessionStore(clock: { time.now }))
    }

    private func makeManager(_ change: (inout SessionPolicy) -> Void = { _ in }) -> SessionManager {
        var policy = SessionPolicy()
        change(&policy)
        let time = time
        return SessionManager(store: spy, policy: policy, logger: log.logger, clock: clock) { time.now }
    }

    @Test("it runs at the start and every 15 minutes, and says how many sessions it removed")
    func schedule() async throws {
        let manager = makeManager()
        _ = try await manager.createSession(SessionAttributes())
        time.pass(.seconds(3601))
        try await running(manager) {
            try await clock.sleepers(1)
            #expect(log.count("Successfully cleaned up 1 expired/old sessions", level: .info) == 1)
            let status = try await manager.cleanupStatus()
            #expect(status.lastRun?.expiredSessions == 1)
            // The next quarter of an hour, and at most a minute.
            let quarter = (time.now.timeIntervalSince1970 / 900).rounded(.down) * 900 + 900
            let next = try #require(status.nextRun).timeIntervalSince1970
            #expect((quarter...quarter + 60).contains(next))
            _ = try await manager.createSession(SessionAttributes())
            _ = try await manager.createSession(SessionAttributes())
            time.pass(.seconds(3601))
            clock.advance(by: .seconds(1000))
            try await eventually("two are cleaned up") {
                log.count("Successfully cleaned up 2 expired/old sessions") > 0
            }
            try await clock.sleepers(1)
        }
        #expect(spy.base.auditTrail.filter { $0.action == .sessionCleanup }.count == 2)
        #expect(try await manager.cleanupStatus().nextRun == nil)
    }

    @Test("a failed run is logged once, audited when it can be, and tried again soon; the service goes on")
    func failure() async throws {
        let manager = makeManager()
        spy.plan.withLock { $0.outage = SessionError(.unavailable, "gone") }
        try await running(manager) {
            try await clock.sleepers(1)
            #expect(log.count("Session cleanup failed", level: .error) == 1)
            spy.plan.withLock { $0.outage = nil }
            clock.advance(by: .seconds(10))
            try await eventually("a run") { try await manager.cleanupStatus().lastRun != nil }
            try await clock.sleepers(1)
        }
    }

    @Test("a run that somebody waits for ends at its time limit, with what is done by then, and the next goes on")
    func timeLimit() async throws {
        let manager = makeManager()
        for _ in 0..<10_001 { _ = try await manager.createSession(SessionAttributes()) }
        time.pass(.seconds(3601))
        var request = CleanupRequest()
        request.timeLimit = .seconds(1)
        let limited = request
        async let first = manager.cleanUp(limited)
        // Between the first batch of 5000 and the second.
        try await clock.sleepers(1)
        clock.advance(by: .seconds(2))
        let report = try await first
        #expect(report.expiredSessions == 10_000)
        #expect(!report.isComplete)
        let rest = try await manager.cleanUp(limited)
        #expect(rest.expiredSessions == 1 && rest.isComplete)
    }

    @Test("the switches are obeyed", arguments: [true, false])
    func switches(isOn: Bool) async throws {
        let manager = makeManager { policy in
            policy.automaticCleanup = isOn
            policy.enableCleanupLogs = false
        }
        _ = try await manager.createSession(SessionAttributes())
        time.pass(.seconds(3601))
        try await running(manager) { try await clock.sleepers(1) }
        #expect(try await manager.getSessionStats().total == (isOn ? 0 : 1))
        #expect(log.count("cleaned up") == 0)
    }

    @Test("without a run at the start, the first comes when it is due")
    func noStartRun() async throws {
        let manager = makeManager { $0.cleanupOnStartup = false }
        try await running(manager) {
            try await clock.sleepers(1)
            #expect(try await manager.cleanupStatus().lastRun == nil)
            time.pass(.seconds(900))
            clock.advance(by: .seconds(960))
            try await eventually("a run") { try await manager.cleanupStatus().lastRun != nil }
            #expect(try await manager.cleanupStatus().lastRun?.jobs == ["frequent"])
            try await clock.sleepers(1)
        }
    }

    @Test("a request cleans exactly what it names, and a dry run nothing")
    func request() async throws {
        let manager = makeManager { $0.maximumSessionsPerUser = 2 }
        for _ in 0..<2 { _ = try await manager.createSession(SessionAttributes()) }
        var request = CleanupRequest()
        time.pass(.seconds(3601))
        request.isDryRun = true
        #expect(try await manager.cleanUp(request).expiredSessions == 2)
        #expect(try await manager.getSessionStats().total == 2)
        #expect(log.count("cleaned up") == 0)
        #expect(spy.base.auditTrail.isEmpty)
        request.isDryRun = false
        request = .nothing
        #expect(try await manager.cleanUp(request).deleted == 0)
        #expect(try await manager.cleanInactiveSessions(days: 1) == 0)
        time.pass(.seconds(86_400))
        #expect(try await manager.cleanInactiveSessions(days: 1) == 2)
    }

    @Test("two runs at once: one cleans, the other says that it didn't")
    func oneAtATime() async throws {
        let manager = makeManager()
        let skipped = try await spy.base.withExclusiveCleaning { _ async throws(SessionError) in
            try await manager.cleanUp()
        }
        #expect(skipped?.didRun == false)
        #expect(try await manager.cleanUp().didRun)
    }

    @Test("the hourly statistics keep the documented line, and warn above the threshold")
    func statistics() async throws {
        let manager = makeManager { policy in
            policy.automaticCleanup = false
            policy.activeSessionsWarning = 1
            policy.idleLifetime = .seconds(7200)
        }
        for _ in 0..<2 { _ = try await manager.createSession(SessionAttributes()) }
        try await running(manager) {
            try await clock.sleepers(1)
            time.pass(.seconds(3600))
            clock.advance(by: .seconds(3660))
            try await eventually("a warning") { log.count("More active sessions than expected", level: .warning) > 0 }
            try await clock.sleepers(1)
        }
        #expect(log.count("Session Stats - Total: 2, Active: 2, Expired: 0, Revoked: 0", level: .info) == 1)
    }

    private func running(_ manager: SessionManager, _ body: () async throws -> Void) async throws {
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await manager.run() }
                try await body()
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }
}
