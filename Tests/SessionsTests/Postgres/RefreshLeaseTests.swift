import Foundation
import Secrets
import Sessions
import Testing

@Suite("What replicas do to the refresh of one session at the same time", .serialized)
struct RefreshLeaseTests {
    private static let request = RefreshLeaseRequest(.expiring(within: .seconds(30)))

    /// A session whose access token has ended, on a database with two replicas.
    private func withReplicas(
        connections: Int = 4,
        _ body: (StoreFixture, [SessionManager]) async throws -> Void
    ) async throws {
        try await StoreFixture.with(connections: connections) { fixture in
            try await fixture.replica(connections: connections) { other in
                try await body(fixture, [fixture.manager(), other.manager()])
            }
        }
    }

    private func signedIn(_ manager: SessionManager) async throws -> SessionID {
        var login = login()
        login.accessTokenExpiresAt = Date(timeIntervalSince1970: 1_700_000_000)
        return try await manager.completeLogin(login, replacing: nil).id
    }

    private func compete(_ managers: [SessionManager], _ id: SessionID, _ count: Int) async throws -> [RefreshLease] {
        try await withThrowingTaskGroup(of: RefreshLease?.self) { group in
            for number in 0..<count {
                group.addTask {
                    let answer = try await managers[number % 2].acquireRefreshLease(id, Self.request)
                    guard case .granted(let lease) = answer else { return nil }
                    return lease
                }
            }
            return try await group.reduce(into: []) { if let lease = $1 { $0.append(lease) } }
        }
    }

    @Test("promise 7: of those who ask for the lease at two replicas one gets it, four hundred times")
    func oneHolder() async throws {
        try await withReplicas { fixture, managers in
            let id = try await signedIn(managers[0])
            var last: Int64 = 0
            for round in 0..<400 {
                let leases = try await compete(managers, id, 8)
                try #require(leases.count == 1)
                try #require(leases[0].fence > last)
                last = leases[0].fence
                if round.isMultiple(of: 2) {
                    var update = SessionUpdate(accessToken: Secret("round-\(round)"))
                    update.accessTokenExpiresAt = .set(Date(timeIntervalSince1970: 1_700_000_000))
                    try #require(try await managers[1].completeRefresh(id, fence: last, update) != nil)
                    try await fixture.pass(RefreshLeaseRequest.leastPause)
                } else {
                    try await managers[1].releaseRefreshLease(id, fence: last, retryAfter: nil)
                }
            }
        }
    }

    @Test("RC-04 of those who find an abandoned lease one takes it over, a hundred times")
    func oneTakeover() async throws {
        try await withReplicas { fixture, managers in
            for _ in 0..<100 {
                let id = try await signedIn(managers[0])
                let dead = try await compete(managers, id, 1)
                try await fixture.pass(.seconds(16))
                let leases = try await compete(managers, id, 8)
                try #require(leases.count == 1)
                try #require(leases[0].isTakeover && leases[0].fence == dead[0].fence + 1)
                let late = try await managers[0].completeRefresh(
                    id,
                    fence: dead[0].fence,
                    SessionUpdate(accessToken: Secret("late"))
                )
                try #require(late == nil)
            }
        }
    }

    @Test("RC-07 promise 1: logout wins against the end of a refresh, three hundred times", arguments: [true, false])
    func logout(byDeleting: Bool) async throws {
        try await withReplicas { fixture, managers in
            for _ in 0..<300 {
                let id = try await signedIn(managers[0])
                let lease = try #require(try await compete(managers, id, 1).first)
                async let result = managers[1].completeRefresh(
                    id,
                    fence: lease.fence,
                    SessionUpdate(accessToken: Secret("late"))
                )
                async let isEnded =
                    byDeleting ? managers[0].deleteSession(id) : managers[0].revokeSession(id)
                _ = try await result
                try #require(try await isEnded)
                try #require(try await managers[1].getSession(id) == nil)
                let again = try await managers[1].completeRefresh(
                    id,
                    fence: lease.fence,
                    SessionUpdate(accessToken: Secret("later"))
                )
                try #require(again == nil)
            }
            #expect(try await fixture.text("SELECT count(access_token)::text FROM sessions") == "0")
        }
    }

    @Test("Taking, renewing and giving back a lease copies no sealed value, and leaves their secrecy as it is")
    func sealing() async throws {
        try await withReplicas { fixture, managers in
            let id = try await signedIn(managers[0])
            let values = "SELECT concat(access_token, refresh_token, id_token, seal_key_id) FROM sessions"
            let before = try await fixture.text(values)
            let lease = try #require(try await compete(managers, id, 1).first)
            #expect(try await managers[0].renewRefreshLease(id, fence: lease.fence, duration: .seconds(15)))
            try await managers[0].releaseRefreshLease(id, fence: lease.fence, retryAfter: nil)
            #expect(try await fixture.text(values) == before)
            let next = try #require(try await compete(managers, id, 1).first)
            try await managers[0].releaseRefreshLease(
                id,
                fence: next.fence,
                retryAfter: nil,
                refreshToken: Secret("MARKED-next-refresh-token")
            )
            #expect(try await fixture.text("SELECT refresh_token FROM sessions")?.hasPrefix("s1.") == true)
            #expect(try await managers[1].getSession(id)?.refreshToken?.reveal() == "MARKED-next-refresh-token")
            #expect(try await !fixture.dump().contains("MARKED"))
        }
    }

    @Test("A refresh that was lost says so in the audit trail")
    func audit() async throws {
        try await withReplicas { fixture, managers in
            for isLost in [false, true] {
                let id = try await signedIn(managers[0])
                var lease = try #require(try await compete(managers, id, 1).first)
                if isLost {
                    try await fixture.pass(.seconds(16))
                    lease = try #require(try await compete(managers, id, 1).first)
                }
                #expect(try await managers[0].revokeAfterRefresh(id, fence: lease.fence))
                let row = try await fixture.texts(
                    """
                    SELECT details ->> 'reason', details ->> 'refreshLost' FROM audit_log
                    WHERE action = 'REVOKE' AND details ->> 'session' = '\(id.handle)'
                    """
                )
                #expect(row == [["refresh_failed", isLost ? "true" : "false"]])
            }
        }
    }
}
