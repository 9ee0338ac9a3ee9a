import Foundation
import Logging
import Synchronization
import Testing

@testable import Sessions

@Suite("Filters")
struct FilterTests {
    private let spy = StoreSpy()
    private let manager: SessionManager

    init() {
        manager = SessionManager(store: spy, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func filter(_ change: (inout SessionFilter) -> Void) -> SessionFilter {
        var filter = SessionFilter()
        change(&filter)
        return filter
    }

    /// Filters that exclude nothing, at least where there are no tenants and issuers.
    private static let empty: [SessionFilter] = [
        SessionFilter(), filter { $0.tenantID = "" }, filter { $0.issuer = "" },
        filter {
            $0.tenantID = ""
            $0.issuer = ""
        }, filter { $0.states = Set(SessionState.allCases) },
        filter { $0.states = [.active, .expired, .revoked] },
        filter {
            $0.states = [.active, .expired, .revoked]
            $0.tenantID = ""
        },
    ]

    @Test("an ending without criteria is refused before the store is asked", arguments: empty.indices)
    func refusesEmpty(_ index: Int) async throws {
        let (manager, filter) = (manager, Self.empty[index])
        #expect(filter.isEmpty)
        for isDryRun in [true, false] {
            for mode in [SessionEnding.delete, .revoke(.revoked)] {
                let error = await #expect(throws: SessionError.self) {
                    try await manager.endSessions(matching: filter, mode: mode, isDryRun: isDryRun)
                }
                #expect(error?.code == .invalidInput)
            }
        }
        #expect(spy.plan.withLock { $0.calls } == 0)
    }

    private static let criteria: [SessionFilter] = [
        filter { $0.tenantID = "acme" }, filter { $0.issuer = "i" }, filter { $0.subject = "s" },
        filter { $0.states = [.active] }, filter { $0.states = [.active, .expired, .inactive] },
        filter { $0.createdBefore = .distantFuture }, filter { $0.createdAfter = .distantPast },
        filter { $0.olderThan = .seconds(1) }, filter { $0.lastAccessedBefore = .now },
        filter { $0.revokedBefore = .now },
    ]

    @Test("each criterion is one", arguments: criteria.indices)
    func acceptsCriteria(_ index: Int) async throws {
        #expect(!Self.criteria[index].isEmpty)
        #expect(try await manager.endSessions(matching: Self.criteria[index], mode: .delete).isComplete)
    }

    private static let invalid: [(SessionFilter, SessionError.Code)] = [
        (filter { $0.subject = "" }, .invalidInput), (filter { $0.subject = "a\0" }, .invalidInput),
        (filter { $0.issuer = "\0" }, .invalidInput), (filter { $0.tenantID = "\0" }, .invalidInput),
        (filter { $0.olderThan = .zero }, .invalidInput), (filter { $0.olderThan = .seconds(-1) }, .invalidInput),
        (filter { $0.olderThan = .days(36_501) }, .invalidInput),
        (filter { $0.subject = String(repeating: "s", count: 256) }, .tooLarge),
        (filter { $0.issuer = String(repeating: "s", count: 2049) }, .tooLarge),
        (filter { $0.tenantID = String(repeating: "s", count: 256) }, .tooLarge),
    ]

    @Test("what can't be meant is refused before the store is asked", arguments: invalid.indices)
    func refusesInvalid(_ index: Int) async throws {
        let manager = manager
        let (filter, code) = Self.invalid[index]
        let listing = await #expect(throws: SessionError.self) { try await manager.listSessions(filter) }
        #expect(listing?.code == code)
        let ending = await #expect(throws: SessionError.self) {
            try await manager.endSessions(matching: filter, mode: .delete)
        }
        #expect(ending?.code == code)
        for limit in [0, -1, 1001, Int.max] {
            await #expect(throws: SessionError.self) { try await manager.listSessions(limit: limit) }
        }
        #expect(spy.plan.withLock { $0.calls } == 0)
    }

    @Test("all sessions but the revoked ones are what the documented list has")
    func documentedList() async throws {
        let alice = UserKey(tenantID: "acme", issuer: "i", subject: "alice")
        let live = try await manager.completeLogin(AuthenticatedLogin(user: alice), replacing: nil)
        let revoked = try await manager.completeLogin(AuthenticatedLogin(user: alice), replacing: nil)
        try await manager.revokeSession(revoked.handle)
        #expect(try await manager.getAllSessions().sessions.map(\.handle) == [live.handle])
        #expect(try await manager.getAllSessions(tenantID: "acme").sessions.count == 1)
        #expect(try await manager.getAllSessions(tenantID: "").sessions.isEmpty)
        #expect(try await manager.session(revoked.handle)?.revocation?.reason == "revoked")
    }
}
