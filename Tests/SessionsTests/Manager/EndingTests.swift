import Foundation
import Logging
import Synchronization
import Testing

@testable import Sessions

@Suite("Ending sessions by criteria")
struct EndingTests {
    private let spy = StoreSpy()
    private let clock = ManualClock()
    private let log = LogRecorder()
    private let requester = Requester(.adminAPI, name: "ops", address: "2001:db8::1", requestID: "r-1")

    private var manager: SessionManager {
        var policy = SessionPolicy()
        policy.cleanupPause = .zero
        return SessionManager(store: spy, policy: policy, logger: log.logger, clock: clock)
    }

    private func signIn(_ count: Int) async throws {
        for number in 0..<count {
            let user = UserKey(tenantID: "acme", issuer: "i", subject: "user-\(number)")
            _ = try await manager.completeLogin(AuthenticatedLogin(user: user), replacing: nil)
        }
    }

    private var filter: SessionFilter {
        var filter = SessionFilter()
        filter.tenantID = "acme"
        filter.states = [.active, .expired]
        filter.createdAfter = Date(timeIntervalSince1970: 0)
        return filter
    }

    private var rows: [[String: JSONValue]] {
        spy.base.auditTrail.filter { $0.action == .endSessions }.map(\.details)
    }

    @Test("AD-14 any number of batches leaves one row in the audit trail: criteria, count, some handles, who asked")
    func audit() async throws {
        try await signIn(2500)
        let calls = spy.plan.withLock { $0.calls }
        let ended = try await manager.endSessions(matching: filter, mode: .revoke(.invalidated), by: requester)
        #expect(ended.matched == 2500 && ended.ended == 2500 && ended.isComplete)
        #expect(spy.plan.withLock { $0.calls } - calls == 4, "three batches, and the audit trail")
        #expect(Set(ended.handles).count == 20, "the row stays small")
        #expect(
            rows == [
                [
                    "criteria": [
                        "tenantID": "acme", "states": ["active", "expired"], "createdAfter": "1970-01-01T00:00:00Z",
                    ],
                    "mode": "revoke", "reason": "invalidated", "matched": 2500, "ended": 2500, "complete": true,
                    "handles": .array(ended.handles.map { .string($0.rawValue) }),
                    "tenantID": "acme",
                    "by": ["surface": "admin-api", "name": "ops", "address": "2001:db8::1", "requestID": "r-1"],
                ]
            ]
        )
    }

    @Test("an e-mail address finds sessions and ends none: it may be unverified, and several users'")
    func emailEndsNothing() async throws {
        try await signIn(1)
        var filter = filter
        filter.email = "ada@example.com"
        for isDryRun in [true, false] {
            let error = await #expect(throws: SessionError.self) {
                try await manager.endSessions(matching: filter, mode: .delete, isDryRun: isDryRun)
            }
            #expect(error?.code == .invalidInput)
        }
        #expect(try await manager.listSessions().sessions.count == 1)
    }

    @Test("a dry run ends nothing, counts what the real run ends, and leaves no row")
    func dryRun() async throws {
        try await signIn(1100)
        let counted = try await manager.endSessions(matching: filter, mode: .delete, isDryRun: true, by: requester)
        #expect(counted == EndedSessions(matched: 1100, ended: 0, isComplete: true), "and names none")
        #expect(rows.isEmpty)
        let ended = try await manager.endSessions(matching: filter, mode: .delete, by: requester)
        #expect(ended.ended == counted.matched)
        #expect(try await manager.listSessions().sessions.isEmpty)
    }

    @Test("an ending that fails half-way fails, and the audit trail says how far it came")
    func failure() async throws {
        try await signIn(1500)
        spy.plan.withLock { $0.endErrors = [nil, SessionError(.unavailable, "gone")] }
        let (manager, filter, requester) = (manager, filter, requester)
        let error = await #expect(throws: SessionError.self) {
            try await manager.endSessions(matching: filter, mode: .delete, by: requester)
        }
        #expect(error?.code == .unavailable)
        #expect(rows.count == 1)
        #expect(rows.first?["ended"] == 1000 && rows.first?["complete"] == false)
        #expect(rows.first?["error"] == "unavailable")
        #expect(try await manager.endSessions(matching: filter, mode: .delete).ended == 500)
    }

    @Test("an ending whose time is over says that there is more")
    func deadline() async throws {
        try await signIn(1500)
        let clock = clock
        spy.plan.withLock { $0.beforeEnding = { clock.advance(by: .seconds(61)) } }
        let ended = try await manager.endSessions(matching: filter, mode: .delete)
        #expect(ended.matched == 1000 && ended.ended == 1000 && !ended.isComplete)
        #expect(rows.first?["complete"] == false)
    }

    @Test("AD-13 what a requester is called is cut and printable in the audit trail")
    func requesterNames() throws {
        let requester = Requester(.cli, name: "a\u{1B}[31m\r\n\0b\u{2028}\u{202E}" + String(repeating: "x", count: 999))
        let name = try #require(requester.json.objectValue?["name"]?.stringValue)
        #expect(name.hasPrefix("a[31mbx") && name.count == 255)
        #expect(requester.json.objectValue?.count == 2, "what isn't known isn't there")
    }
}
