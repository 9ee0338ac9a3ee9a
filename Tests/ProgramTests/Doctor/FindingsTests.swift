import Foundation
import Testing

@testable import oidc_sessions

@Suite("doctor judges what it was told")
struct FindingsTests {
    private func facts(version: Int = 150_000, skew: Double = 0, roundTrip: Double = 0.01) -> DatabaseFacts {
        let start = Date(timeIntervalSince1970: 1_790_000_000)
        let end = start.addingTimeInterval(roundTrip)
        let theirs = start.addingTimeInterval(roundTrip / 2 + skew)
        return DatabaseFacts(
            version: "15",
            versionNumber: version,
            encoding: "UTF8",
            isReadOnly: false,
            role: "app",
            isSuperuser: false,
            clock: ClockComparison(theirs: theirs, from: start, to: end)
        )
    }

    private func level(_ name: String, of facts: DatabaseFacts) -> Finding.Level? {
        facts.findings.first { $0.name == name }?.level
    }

    @Test(
        "the database's clock",
        arguments: [
            (0.0, Finding.Level.ok), (1.5, .ok), (-1.5, .ok), (3, .warn), (-3, .warn), (61, .fail), (-61, .fail),
        ]
    )
    func clock(skew: Double, level: Finding.Level) {
        #expect(self.level("clock", of: facts(skew: skew)) == level)
    }

    @Test("a slow answer is no wrong clock")
    func slowAnswer() {
        #expect(level("clock", of: facts(skew: 3, roundTrip: 8)) == .ok)
    }

    @Test("a server that is too old")
    func version() {
        #expect(level("database", of: facts(version: 130_012)) == .fail)
        #expect(level("database", of: facts(version: 140_000)) == .ok)
    }

    @Test("dead rows, and what keeps them")
    func vacuum() {
        func level(live: Int, dead: Int, oldest: Int = 0) -> Finding.Level {
            TableFacts(
                isAutovacuumOn: true,
                liveRows: live,
                deadRows: dead,
                bytes: 1 << 20,
                oldestTransactionSeconds: oldest
            ).finding.level
        }
        #expect(level(live: 100_000, dead: 20_000) == .ok)
        #expect(level(live: 10, dead: 9_000) == .ok)
        #expect(level(live: 100_000, dead: 60_000) == .warn)
        #expect(level(live: 10, dead: 0, oldest: 7_200) == .warn)
    }

    @Test("a backlog that the cleaner doesn't get through")
    func backlog() throws {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        let policy = try Settings.load(environment: [:], needs: []).policy
        var facts = CleaningFacts(lastRun: now.addingTimeInterval(-600), lastFailure: nil, backlog: 10_001, now: now)
        #expect(facts.finding(policy: policy).level == .warn)
        facts.backlog = 10
        #expect(facts.finding(policy: policy).level == .ok)
        facts.lastRun = nil
        #expect(facts.finding(policy: policy).level == .warn)
        facts.backlog = 0
        #expect(facts.finding(policy: policy).level == .ok)
    }

    @Test(
        "what the settings alone say",
        arguments: [
            (["BASE_URL": "http://localhost:8080"], "redirect URI", Finding.Level.warn),
            (["BASE_URL": "http://localhost:8080"], "cookies", .warn),
            (["BASE_URL": "https://app.example.com"], "redirect URI", .ok),
            (["BASE_URL": "https://app.example.com"], "cookies", .ok),
            (["BASE_URL": "https://app.example.com", "SESSION_DOCUMENTED_COOKIE_NAME": "sid"], "cookies", .warn),
            ([:], "redirect URI", .warn), ([:], "listeners", .ok), (["ADMIN_HOST": "0.0.0.0"], "listeners", .warn),
            (["PORT": "8081"], "listeners", .fail), (["LOGLEVEL": "debug"], "settings", .warn),
        ]
    )
    func serving(environment: [String: String], name: String, level: Finding.Level) throws {
        let settings = try Settings.load(environment: environment, needs: [])
        let finding = ServingChecks(settings: settings).findings.first { $0.name == name }
        #expect(finding?.level == level, "\(String(describing: finding))")
    }

    @Test("both listeners are named with their ports")
    func ports() throws {
        let settings = try Settings.load(environment: ["ADMIN_PORT": "9090"], needs: [])
        let finding = ServingChecks(settings: settings).findings.first { $0.name == "listeners" }
        #expect(finding?.message == "public 127.0.0.1:8080, admin 127.0.0.1:9090")
    }

    @Test("a line is a line, whatever somebody put into a name")
    func line() {
        #expect(Finding.ok("x", "a\nb\u{1B}[2J").line == "ok    x: a\\u{a}b\\u{1b}[2J")
    }
}
