import Foundation
import Logging
import Testing

@testable import Sessions

@Suite("A month of schedules, on two replicas with one store")
struct ScheduledMonthTests {
    // Monday, 1 February 2027, 00:10.
    private static let start = Date(timeIntervalSince1970: 1_801_440_600)
    private let time = ManualTime()
    private let clock = ManualClock()
    private let log = LogRecorder()
    private let store: InMemorySessionStore

    init() {
        let time = time
        time.set(Self.start)
        store = InMemorySessionStore { time.now }
    }

    private func manager(_ name: String, _ change: (inout SessionPolicy) -> Void) -> SessionManager {
        var policy = SessionPolicy()
        policy.instanceName = name
        // Fewer wake-ups than by default: the hours are enough of them.
        policy.cleanupInterval = .seconds(6 * 3600)
        change(&policy)
        let time = time
        return SessionManager(store: store, policy: policy, logger: log.logger, clock: clock) { time.now }
    }

    /// Lets managers run until the clock has gone so far.
    private func run(_ managers: [SessionManager], for duration: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for manager in managers { group.addTask { await manager.cleaner.run() } }
            try await clock.sleepers(managers.count)
            let end = clock.now.offset + duration
            while clock.now.offset < end {
                let rest = end - clock.now.offset
                let step = min(clock.timeToNextSleeper ?? rest, rest)
                // The date first: who is woken reads it.
                time.set(Self.start + (clock.now.offset + step).inSeconds)
                clock.advance(by: step)
                try await clock.sleepers(managers.count)
            }
            group.cancelAll()
        }
    }

    private func runs(_ job: String) -> [InMemorySessionStore.AuditEntry] {
        store.auditTrail.filter {
            guard $0.action == .sessionCleanup, case .array(let jobs)? = $0.details["jobs"] else { return false }
            return jobs.contains(.string(job))
        }
    }

    @Test("every job is done once for each due time, by one of the replicas, a little after it")
    func month() async throws {
        let managers = ["a", "b"].map { manager($0) { $0.cleanupOnStartup = false } }
        try await run(managers, for: .days(28))
        #expect(runs("daily").count == 28)
        #expect(runs("frequent").count == 28 * 4)
        let counts = store.auditTrail.filter { $0.action == .sessionStatistics }
        #expect(counts.count == 28 * 24)
        #expect(log.count("Session Stats - Total: 0, Active: 0, Expired: 0, Revoked: 0", level: .info) == 28 * 24)
        // A minute of jitter at most, and two looks more of whoever was turned away.
        for run in runs("daily") {
            let seconds = Int(run.date.timeIntervalSince1970) % 86_400
            #expect((7200...7320).contains(seconds), "a little after two")
        }
        for run in counts {
            #expect(Int(run.date.timeIntervalSince1970) % 3600 <= 120, "a little after the hour")
        }
        let names = Set(store.auditTrail.compactMap { $0.details["instance"]?.stringValue })
        #expect(names == ["a", "b"], "both replicas did some of it")
        #expect(runs("weekly").isEmpty, "no rule for orphans: nothing to do")
    }

    @Test("at the start everything is made up for; what another replica has done since it was due isn't done again")
    func missed() async throws {
        try await run([manager("a") { _ in }], for: .seconds(1))
        #expect(runs("daily").count == 1 && runs("frequent").count == 1)
        try await run([manager("b") { _ in }], for: .seconds(1))
        #expect(runs("daily").count == 1, "the day's work is done")
        #expect(runs("frequent").count == 2, "a run at the start is a run at the start")
    }

    @Test("a replica that was down over the due time makes up for it, once")
    func downtime() async throws {
        try await run([manager("a") { _ in }], for: .seconds(1))
        clock.advance(by: .days(3))
        time.set(Self.start + clock.now.offset.inSeconds)
        try await run([manager("a") { _ in }, manager("b") { _ in }], for: .seconds(3600))
        #expect(runs("daily").count == 2)
    }

    @Test("a run that was not finished in time is gone on with, and its job isn't done")
    func unfinished() async throws {
        let incomplete: [String: JSONValue] = ["jobs": ["daily"], "complete": false, "due": [:]]
        store.audit(.sessionCleanup, details: incomplete)
        try await run([manager("a") { _ in }], for: .seconds(1))
        #expect(runs("daily").count == 2)
    }

    @Test("RK-01 a replica whose clock is far ahead, or was, keeps no other from its work")
    func clockAhead() async throws {
        let time = time
        let ahead = SessionManager(store: store, policy: SessionPolicy(), logger: log.logger, clock: clock) {
            time.now + 400 * 86_400
        }
        try await run([ahead], for: .seconds(1))
        let future = Int64(Self.start.timeIntervalSince1970) + 400 * 86_400
        store.audit(.sessionCleanup, details: ["jobs": ["other"], "due": ["daily": .integer(future)]])
        let before = runs("daily").count
        try await run([manager("b") { _ in }], for: .days(2))
        #expect(runs("daily").count >= before + 2)
        #expect(store.auditTrail.filter { $0.action == .sessionStatistics }.count >= 48)
    }

    @Test("A target that can't be cleaned keeps nothing else from being done, and is tried again after an hour")
    func failingTarget() async throws {
        // The in-memory store has no tables that a rule could name.
        let rule = try OrphanRule(table: "users.id")
        try await run([manager("a") { $0.orphanRule = rule }], for: .days(2))
        #expect(runs("daily").count == 3)
        #expect(runs("frequent").count == 9)
        #expect(store.auditTrail.filter { $0.action == .sessionStatistics }.count == 48)
        let failures = store.auditTrail.filter { $0.action == .sessionCleanupError }.count
        #expect((24...49).contains(failures), "\(failures)")
        #expect(runs("weekly").allSatisfy { $0.details["complete"] == .bool(false) })
    }
}
