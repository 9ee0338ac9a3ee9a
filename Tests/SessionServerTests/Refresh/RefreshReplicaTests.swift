import Foundation
import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

/// Two servers, each with its own pool, on one database, and one provider.
@Suite("Refreshing on several replicas", .serialized)
struct RefreshReplicaTests {
    struct Replicas: Sendable {
        let provider: ScriptedProvider
        let sites: [Site]
        let clients: [any TestClientProtocol]
        let database: PostgresClient

        /// How many refresh tokens have reached the provider.
        var exchanges: Int {
            provider.requests(to: .token).count { $0.form["grant_type"] == "refresh_token" }
        }

        /// Somebody who has signed in, and the session.
        func signIn(_ user: ScriptedUser = .alice) async throws -> (browser: Browser, id: SessionID) {
            let browser = Browser(clients[0])
            try await browser.signIn(provider, as: user)
            return (browser, try #require(browser.cookies[Site.sessionCookie].flatMap { SessionID($0) }))
        }

        /// Lets all access tokens end, and all leases run out.
        func passEnd() async throws { _ = try await database.write(RefreshReplicaTests.passEnd, []) }

        func passLease() async throws { _ = try await database.write(RefreshReplicaTests.passLease, []) }

        func refresh(_ browser: Browser, at replica: Int) async throws -> HTTPResponse.Status {
            let other = Browser(clients[replica], cookies: browser.cookies, accept: "application/json")
            return try await other.post("/session/refresh").status
        }
    }

    private static let passEnd = PostgresStatement(
        "UPDATE sessions SET token_expires_at = clock_timestamp(), refresh_retry_at = NULL, "
            + "refreshed_at = refreshed_at - interval '1 minute'",
        parameters: []
    )
    private static let passLease = PostgresStatement(
        "UPDATE sessions SET refresh_lease_until = clock_timestamp() - interval '1 second'",
        parameters: []
    )

    private func withReplicas(
        first: @escaping @Sendable (inout Site.Options) -> Void = { _ in },
        _ body: @Sendable (Replicas) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withDatabase { uri in
            let configuration = PostgresConfiguration(connectionString: Secret(uri))
            let logger = TestDatabase.silentLogger
            try await PostgresClient.withClient(configuration: configuration, logger: logger) { one in
                try await PostgresClient.withClient(configuration: configuration, logger: logger) { two in
                    let options = Site.Options()
                    var changed = options
                    first(&changed)
                    let sites = [
                        try Site(store: try Site.store(one), changed), try Site(store: try Site.store(two), options),
                    ]
                    try await sites[0].application.application.test(.router) { left in
                        try await sites[1].application.application.test(.router) { right in
                            let replicas = Replicas(
                                provider: options.providers[0],
                                sites: sites,
                                clients: [left, right],
                                database: one
                            )
                            try await body(replicas)
                        }
                    }
                }
            }
        }
    }

    @Test("promise 7 RC-03 PT-16: 64 concurrent requests at two replicas, one refresh, all get its result, 40 times")
    func oneRefresh() async throws {
        try await withReplicas { replicas in
            let (browser, id) = try await replicas.signIn()
            for round in 1...40 {
                try await replicas.passEnd()
                let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
                    for number in 0..<64 {
                        group.addTask {
                            guard number.isMultiple(of: 4) else {
                                let session = try await replicas.sites[number % 2].flow.freshSession(id)
                                return session?.accessToken?.reveal()
                            }
                            let status = try await replicas.refresh(browser, at: number / 4 % 2)
                            return status == .ok ? nil : "\(status)"
                        }
                    }
                    return try await group.reduce(into: Set<String>()) { if let token = $1 { $0.insert(token) } }
                }
                let stored = try await replicas.sites[0].manager.getSession(id, touch: false)
                let token = try #require(stored?.accessToken)
                try #require(tokens == [token.reveal()])
                try #require(replicas.exchanges == round)
            }
        }
    }

    @Test("RC-04 a holder that hangs past its lease and comes back is refused by the fence, and ends nothing")
    func hangingHolder() async throws {
        // The first replica's requests wait on their way.
        let gate = Gate()
        let isHeld = Switch()
        try await withReplicas { options in
            options.transport = { GatedTransport(base: $0, gate: gate, isHeld: isHeld) }
        } _: { replicas in
            let (_, id) = try await replicas.signIn()
            try await replicas.passEnd()
            isHeld.isOn = true
            let hanging = Task { try await replicas.sites[0].flow.freshSession(id) }
            try await gate.arrived()
            try await replicas.passLease()
            let fresh = try #require(try await replicas.sites[1].flow.freshSession(id))
            #expect(replicas.exchanges == 1)
            gate.open()
            // Its refresh token is spent by now: invalid_grant, which has no say.
            let late = try #require(try await hanging.value)
            #expect(late.accessToken?.reveal() == fresh.accessToken?.reveal())
            #expect(replicas.exchanges == 2)
            let stored = try #require(try await replicas.sites[1].manager.getSession(id, touch: false))
            #expect(stored.accessToken?.reveal() == fresh.accessToken?.reveal())
        }
    }

    @Test("RC-04 tokens of a holder whose lease was taken over don't replace those of the one who did")
    func lateTokens() async throws {
        let gate = Gate()
        let isHeld = Switch()
        try await withReplicas { options in
            options.transport = { GatedTransport(base: $0, gate: gate, isHeld: isHeld, holdsAnswer: true) }
        } _: { replicas in
            let (_, id) = try await replicas.signIn()
            try await replicas.passEnd()
            // A provider that doesn't mind a second use.
            replicas.provider.misbehave(.withoutRotation)
            isHeld.isOn = true
            let hanging = Task { try await replicas.sites[0].flow.freshSession(id) }
            try await gate.arrived()
            try await replicas.passLease()
            let fresh = try #require(try await replicas.sites[1].flow.freshSession(id))
            gate.open()
            #expect(try await hanging.value?.accessToken?.reveal() == fresh.accessToken?.reveal())
            #expect(replicas.exchanges == 2)
        }
    }

    @Test("RC-07 promise 1: logout or revocation during a refresh wins", arguments: [true, false])
    func logoutMeanwhile(byLogout: Bool) async throws {
        try await withReplicas { replicas in
            let (browser, id) = try await replicas.signIn()
            try await replicas.passEnd()
            let gate = replicas.provider.hold(.token)
            let refreshing = Task { try await replicas.refresh(browser, at: 0) }
            try await gate.arrived()
            if byLogout {
                let other = Browser(replicas.clients[1], cookies: browser.cookies)
                #expect(try await other.post("/logout").status == .seeOther)
            } else {
                #expect(try await replicas.sites[1].manager.revokeSession(id))
            }
            gate.open()
            #expect(try await refreshing.value == .unauthorized)
            #expect(replicas.exchanges == 1)
            for client in replicas.clients {
                #expect(try await Browser(client, cookies: browser.cookies).whoAmI() == nil)
            }
            let left = try await replicas.database.read(Self.liveTokens)
            #expect(try left.first?.int8(0) == 0)
        }
    }

    private static let liveTokens = PostgresStatement(
        "SELECT count(*) FROM sessions WHERE revoked_at IS NULL OR num_nonnulls(access_token, refresh_token) > 0",
        parameters: []
    )

    @Test(
        "RC-04 after a crash in the middle the old token serves its time, then one attempt decides",
        arguments: [true, false]
    )
    func crash(isSpent: Bool) async throws {
        try await withReplicas { replicas in
            let (browser, id) = try await replicas.signIn()
            let before = try #require(try await replicas.sites[0].manager.getSession(id))
            // A replica takes the lease, spends the token or doesn't, and is gone.
            let request = RefreshLeaseRequest(.expiring(within: .seconds(300)))
            _ = try await replicas.database.write(Self.nearEnd, [])
            guard case .granted = try await replicas.sites[0].manager.acquireRefreshLease(id, request) else {
                Issue.record("no lease")
                return
            }
            if isSpent {
                let login = RefreshableLogin(issuer: replicas.provider.issuer, subject: "alice-1")
                let party = replicas.sites[0].flow.providers.all[0]
                _ = try await party.redeem(try #require(before.refreshToken), of: login)
            }
            let spent = replicas.exchanges
            try await replicas.passLease()
            for replica in [0, 1] {
                #expect(try await replicas.refresh(browser, at: replica) == .ok)
            }
            #expect(replicas.exchanges == spent, "the access token is still good")

            try await replicas.passEnd()
            let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for number in 0..<20 {
                    group.addTask { try await replicas.refresh(browser, at: number % 2) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(statuses == [isSpent ? .unauthorized : .ok])
            #expect(replicas.exchanges == spent + 1)
        }
    }

    private static let nearEnd = PostgresStatement(
        "UPDATE sessions SET token_expires_at = clock_timestamp() + interval '10 seconds', "
            + "created_at = created_at - interval '10 minutes'",
        parameters: []
    )

    @Test("RF-06 a pause that one replica has learnt of is kept by the other")
    func sharedBackoff() async throws {
        try await withReplicas { replicas in
            let (browser, _) = try await replicas.signIn()
            try await replicas.passEnd()
            replicas.provider.misbehave(.answer(.token, HTTPTransportResponse(status: 503)), .withoutRotation)
            for number in 0..<10 {
                #expect(try await replicas.refresh(browser, at: number % 2) == .serviceUnavailable)
            }
            #expect(replicas.exchanges == 1)
            replicas.provider.misbehave()
            try await replicas.passEnd()
            #expect(try await replicas.refresh(browser, at: 1) == .ok)
        }
    }

    @Test("RC-05 PS-06 PS-07 forty users who refresh at once each get their own tokens")
    func noMixUp() async throws {
        try await withReplicas { replicas in
            var users: [(subject: String, id: SessionID)] = []
            for number in 0..<40 {
                let user = ScriptedUser(subject: "user-\(number)", claims: ["groups": [.string("group-\(number)")]])
                users.append((user.subject, try await replicas.signIn(user).id))
            }
            try await replicas.passEnd()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, user) in users.enumerated() {
                    for replica in 0..<2 {
                        group.addTask {
                            let flow = replicas.sites[replica].flow
                            let session = try #require(try await flow.freshSession(user.id))
                            #expect(session.subject == user.subject)
                            #expect(session.roles == ["group-\(number)"])
                            let token = try #require(session.accessToken)
                            let info = try await flow.providers.all[0].userInfo(
                                accessToken: token,
                                expectedSubject: user.subject
                            )
                            #expect(info.subject == user.subject)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(replicas.exchanges == 40)
        }
    }
}

/// A transport on which token requests, or their answers, wait for a gate once it is told so.
private struct GatedTransport: HTTPTransport {
    let base: any HTTPTransport
    let gate: Gate
    let isHeld: Switch
    var holdsAnswer = false

    func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
        guard request.method == .post, isHeld.isOn else { return try await base.send(request) }
        guard holdsAnswer else {
            await gate.pass()
            return try await base.send(request)
        }
        let answer = try await base.send(request)
        await gate.pass()
        return answer
    }
}
