import Foundation
import Secrets
import TestSupport
import Testing

@testable import Sessions

/// On databases whose clock the test sets.
@Suite("Time, by the store's clock")
struct TimeTests {
    /// The last noon before summer time begins in Europe.
    private static let noon = Date(timeIntervalSince1970: 1_774_699_200)
    /// A moment before the last leap second that there was.
    private static let leap = Date(timeIntervalSince1970: 1_483_228_799.5)
    private static let instant = Duration.microseconds(1)

    enum Store: CaseIterable {
        case postgres
        case memory
    }

    private static func withManager(
        _ kind: Store,
        from start: Date = noon,
        settings: [String] = [],
        policy: SessionPolicy = SessionPolicy(),
        _ body: (SessionManager, (Duration) async throws -> Void) async throws -> Void
    ) async throws {
        switch kind {
        case .memory:
            let time = ManualTime()
            time.set(start)
            let store = InMemorySessionStore(clock: { time.now })
            let manager = SessionManager(store: store, policy: policy, logger: TestDatabase.silentLogger)
            try await body(manager) { time.set(time.now + $0.inSeconds) }
        case .postgres:
            try await withClock(from: start, settings: settings) { clock, fixture in
                try await body(fixture.manager(policy)) { try await clock.advance(by: $0) }
            }
        }
    }

    private static func withClock(
        from start: Date = noon,
        settings: [String] = [],
        _ body: (DatabaseClock, StoreFixture) async throws -> Void
    ) async throws {
        try await DatabaseClock.withDatabase(settings: settings) { clock, uri in
            try await TestDatabase.migrate(uri)
            try await StoreFixture.connected(to: uri) { fixture in
                try await clock.set(start)
                try await body(clock, fixture)
            }
        }
    }

    struct Lifetime: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let policy: SessionPolicy
        let end: Duration

        init(_ name: String, _ end: Duration, _ change: (inout SessionPolicy) -> Void) {
            var policy = SessionPolicy()
            (policy.idleLifetime, policy.refreshExtension, policy.absoluteLifetime) = (.days(90), .days(90), .days(90))
            change(&policy)
            self.testDescription = name
            self.policy = policy
            self.end = end
        }
    }

    static let lifetimes = [
        Lifetime("unused", .seconds(3600)) { $0.idleLifetime = .seconds(3600) },
        Lifetime("to the stored end", .days(7)) { $0.refreshExtension = .days(7) },
        Lifetime("in all", .days(30)) { $0.absoluteLifetime = .days(30) },
    ]

    @Test(
        "RK-06 a microsecond before its end a session is one, at its end it isn't, for every verb",
        arguments: Store.allCases,
        lifetimes
    )
    func sessionEnd(store: Store, lifetime: Lifetime) async throws {
        try await Self.withManager(store, policy: lifetime.policy) { manager, pass in
            let session = try await manager.completeLogin(login(), replacing: nil)
            #expect(session.expiresAt == Self.noon + lifetime.end.inSeconds)
            try await pass(lifetime.end - Self.instant)
            #expect(try await manager.getSession(session.id, touch: false) != nil)
            #expect(try await manager.listSessions().sessions.map(\.state) == [.active])
            #expect(try await manager.getUserSessions(alice).count == 1)
            #expect(try await manager.cleanUp().expiredSessions == 0)

            try await pass(Self.instant)
            #expect(try await manager.getSession(session.id, touch: false) == nil)
            #expect(try await manager.updateSession(session.id, SessionUpdate(accessToken: Secret("t"))) == nil)
            #expect(try await manager.getUserSessions(alice).isEmpty)
            #expect(try await manager.listSessions().sessions.map(\.state) == [.expired])
            let request = RefreshLeaseRequest(.expiring(within: .days(90)))
            guard case .none = try await manager.acquireRefreshLease(session.id, request) else {
                Issue.record("a lease for a session that is over")
                return
            }
            #expect(try await manager.revokeSession(session.handle) == false)
        }
    }

    @Test("RK-06 at its stored end a session is the cleaner's", arguments: Store.allCases)
    func cleaned(store: Store) async throws {
        try await Self.withManager(store, policy: Self.lifetimes[1].policy) { manager, pass in
            _ = try await manager.completeLogin(login(), replacing: nil)
            try await pass(.days(7))
            #expect(try await manager.cleanUp().expiredSessions == 1)
        }
    }

    @Test("RK-06 CB-05 a started login can be finished until its end, and not at it", arguments: Store.allCases)
    func loginEnd(store: Store) async throws {
        try await Self.withManager(store) { manager, pass in
            let logins = [try await manager.beginLogin(startedLogin()), try await manager.beginLogin(startedLogin())]
            try await pass(.seconds(600) - Self.instant)
            #expect(try await manager.claimLogin(logins[0].id, state: Secret("MARKED-state")) != nil)
            try await pass(Self.instant)
            #expect(try await manager.claimLogin(logins[1].id, state: Secret("MARKED-state")) == nil)
        }
    }

    @Test("RK-06 an access token is over at its end, and not before", arguments: Store.allCases)
    func accessTokenEnd(store: Store) async throws {
        try await Self.withManager(store) { manager, pass in
            var new = login()
            new.accessTokenExpiresAt = Self.noon + 300
            let id = try await manager.completeLogin(new, replacing: nil).id
            let request = RefreshLeaseRequest(.expiring(within: .zero))
            try await pass(.seconds(300) - Self.instant)
            guard case .fresh = try await manager.acquireRefreshLease(id, request) else {
                Issue.record("the token is good still")
                return
            }
            try await pass(Self.instant)
            guard case .granted = try await manager.acquireRefreshLease(id, request) else {
                Issue.record("the token is over")
                return
            }
        }
    }

    @Test(
        "RK-05 over a change of the hour or a leap second a lifetime is as long as on any other day",
        arguments: [noon, leap],
        ["Europe/Berlin", "Australia/Lord_Howe", "UTC"]
    )
    func calendar(start: Date, timeZone: String) async throws {
        let settings = ["timezone = '\(timeZone)'"]
        for lifetime in Self.lifetimes {
            try await Self.withManager(.postgres, from: start, settings: settings, policy: lifetime.policy) {
                manager,
                pass in
                let session = try await manager.completeLogin(login(), replacing: nil)
                #expect(session.createdAt == start)
                #expect(session.expiresAt == start + lifetime.end.inSeconds)
                try await pass(lifetime.end - Self.instant)
                #expect(try await manager.getSession(session.id, touch: false) != nil)
                try await pass(Self.instant)
                #expect(try await manager.getSession(session.id, touch: false) == nil)
            }
        }
    }

    @Test("RK-02 when the database's clock goes back an hour, what was ended stays so, and what lives goes on")
    func backwards() async throws {
        try await Self.withClock { clock, fixture in
            let manager = fixture.manager()
            func signIn(_ subject: String) async throws -> SessionID {
                let new = login(UserKey(tenantID: "acme", issuer: "https://id.example", subject: subject))
                return try await manager.completeLogin(new, replacing: nil).id
            }
            let (expired, cleaned) = (try await signIn("expired"), try await signIn("cleaned"))
            try await fixture.execute("UPDATE sessions SET expires_at = '\(Self.noon + 60)' WHERE sub = 'cleaned'")
            try await clock.advance(by: .seconds(3600))
            #expect(try await manager.getSession(expired, touch: false) == nil)
            #expect(try await manager.cleanUp().expiredSessions == 1)
            let (left, revoked) = (try await signIn("left"), try await signIn("revoked"))
            #expect(try await manager.deleteSession(left))
            #expect(try await manager.revokeSession(revoked))
            let lives = try await signIn("lives")
            let before = try #require(try await manager.getSession(lives, touch: false))

            try await clock.advance(by: .seconds(-3600))
            for id in [left, revoked, cleaned] { #expect(try await manager.getSession(id, touch: false) == nil) }
            // Nothing but the time had ended this one, and it is that time again.
            #expect(try await manager.getSession(expired, touch: false) != nil)
            let after = try #require(try await manager.getSession(lives, touch: false))
            #expect(after.expiresAt == before.expiresAt, "it lives no longer than it would have")
            #expect(try await manager.updateSession(lives, SessionUpdate(accessToken: Secret("new"))) != nil)
            #expect(try await manager.cleanUp().expiredSessions == 0)
            // The limit spares the login that is made now, though the others seem to be younger.
            var policy = manager.policy
            policy.maximumSessionsPerUser = 1
            let user = try #require(before.user)
            let newest = try await fixture.manager(policy).completeLogin(login(user), replacing: nil).id
            #expect(try await manager.getUserSessions(user).map(\.handle) == [newest.handle])
            #expect(try await manager.deleteSession(newest))
        }
    }

    @Test("RB-26 RK-01 a cleaner whose clock is years ahead deletes what is over by the database's, and nothing else")
    func cleanerAhead() async throws {
        try await Self.withClock { clock, fixture in
            let ahead = SessionManager(store: fixture.store, logger: fixture.log.logger) { Self.noon + 3650 * 86_400 }
            let over = try await ahead.completeLogin(login(), replacing: nil).id
            _ = try await ahead.beginLogin(startedLogin())
            try await clock.advance(by: .days(7))
            let lives = try await ahead.completeLogin(login(), replacing: nil).id
            let revoked = try await ahead.completeLogin(login(), replacing: nil).id
            #expect(try await ahead.revokeSession(revoked))
            let pending = try await ahead.beginLogin(startedLogin())
            let report = try await ahead.cleanUp()
            #expect(report.expiredSessions == 1)
            #expect(report.abandonedLogins == 1)
            let rows = Set(try await fixture.texts("SELECT id FROM sessions").compactMap { $0.first ?? nil })
            #expect(rows == [lives.rowKey, revoked.rowKey, pending.id.rowKey])
            #expect(!rows.contains(over.rowKey))
        }
    }
}
