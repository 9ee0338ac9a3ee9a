import Foundation
import Patience
import PostgresPipeline
import Sessions
import Synchronization
import Testing

/// One of the two stands still half-way, at a row that somebody else has locked.
@Suite("A login and its logout by the provider, one in the middle of the other")
final class BackChannelOrderTests: Sendable {
    private static let moment = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
    private static let waiting = PostgresStatement(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'
        """
    )

    private let isThrough = Mutex(false)

    private static func new() -> AuthenticatedLogin {
        var new = login()
        new.providerSessionID = "sid"
        new.idTokenIssuedAt = moment
        return new
    }

    /// Whether the session was stored.
    private func signIn(_ manager: SessionManager, replacing previous: SessionID?) async throws -> Bool {
        defer { isThrough.withLock { $0 = true } }
        do {
            _ = try await manager.completeLogin(Self.new(), replacing: previous)
            return true
        } catch {
            guard error.code == .endedByProvider else { throw error }
            return false
        }
    }

    /// How many sessions it ended.
    private func end(_ manager: SessionManager, bySubject: Bool) async throws -> Int {
        defer { isThrough.withLock { $0 = true } }
        let notice = LogoutNotice(
            issuer: alice.issuer,
            tenantID: alice.tenantID,
            subject: bySubject ? alice.subject : nil,
            providerSessionID: bySubject ? nil : "sid",
            tokenID: UUID().uuidString,
            issuedAt: Self.moment
        )
        guard case .ended(let count, _) = try await manager.endByProvider(notice) else { return -1 }
        return count
    }

    private func standStill(_ fixture: StoreFixture, _ count: Int64) async throws {
        try await eventually("\(count) stand still") {
            let waiting = try await fixture.client.read(Self.waiting).first?.int8(0) ?? 0
            return waiting >= count || isThrough.withLock { $0 }
        }
    }

    @Test(
        "BC-19 a logout waits for a login that is in the middle, and ends what comes of it",
        arguments: [true, false]
    )
    func loginFirst(bySubject: Bool) async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let manager = fixture.manager()
            let previous = try await manager.createSession(SessionAttributes()).id
            let (isStored, ended) = try await fixture.client.withDedicatedConnection { holder in
                try await holder.execute(script: "BEGIN; SELECT FROM sessions FOR UPDATE")
                async let isStored = signIn(manager, replacing: previous)
                try await standStill(fixture, 1)
                async let ended = end(manager, bySubject: bySubject)
                try await standStill(fixture, 2)
                try await holder.execute(script: "COMMIT")
                return (try await isStored, try await ended)
            }
            #expect(isStored && ended == 1)
            #expect(try await manager.getUserSessions(alice).isEmpty)
        }
    }

    @Test("BC-19 a login waits for a logout that is in the middle, and isn't stored", arguments: [true, false])
    func logoutFirst(bySubject: Bool) async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let manager = fixture.manager()
            _ = try await manager.completeLogin(Self.new(), replacing: nil)
            let (isStored, ended) = try await fixture.client.withDedicatedConnection { holder in
                try await holder.execute(script: "BEGIN; SELECT FROM sessions FOR UPDATE")
                async let ended = end(manager, bySubject: bySubject)
                try await standStill(fixture, 1)
                async let isStored = signIn(manager, replacing: nil)
                try await standStill(fixture, 2)
                try await holder.execute(script: "COMMIT")
                return (try await isStored, try await ended)
            }
            #expect(!isStored && ended == 1)
            #expect(try await manager.getUserSessions(alice).isEmpty)
        }
    }
}
