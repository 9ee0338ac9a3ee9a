import Foundation
import Secrets
import Sessions

extension SessionStoreConformance {
    static let refreshing: [SessionStoreCheck] = leases + refreshResults + refreshFailures

    private static let leases: [SessionStoreCheck] = [
        SessionStoreCheck("the lease is for tokens that are about to end, and for no others") { subject in
            let session = try await subject.create(withTokens: .seconds(100))
            try expect(try await subject.lease(session.id, within: .seconds(30)).isFresh, "there is time yet")
            // A margin beyond half of the lifetime would ask for the next refresh at once.
            try expect(try await subject.lease(session.id, within: .seconds(3000)).isFresh, "half is left")
            try await subject.pass(.seconds(60))
            try expect(try await subject.lease(session.id, within: .seconds(30)).isFresh, "there is time yet")
            let granted = try await subject.lease(session.id, within: .seconds(3000)).granted
            try expect(granted?.session.refreshToken?.reveal() == "refresh-token", "the holder gets the tokens")
            try expect(granted?.isTakeover == false && granted?.failures == 0, "nothing has happened before")

            var ageless = signedIn()
            ageless.accessTokenExpiresAt = nil
            let unknown = try await subject.create(ageless).id
            try expect(try await subject.lease(unknown, within: .seconds(30)).isFresh, "its end isn't known")
            var bare = signedIn()
            bare.accessToken = nil
            let empty = try await subject.create(bare).id
            try expect(try await subject.lease(empty, within: .seconds(30)).granted != nil, "there is no access token")
        },
        SessionStoreCheck("RF-06 tokens that have ended when they come are not refreshed with every look") { subject in
            let id = try await subject.create(withTokens: .zero).id
            let first = try unwrap(try await subject.lease(id).granted, "they have ended")
            var update = try await subject.update(of: id, token: "ended")
            update.accessTokenExpiresAt = .set(try unwrap(try await subject.read(id), "it is alive").readAt - 100)
            let (store, policy) = (subject.store, subject.policy)
            let ended = try await store.completeRefresh(id, fence: first.fence, update, policy: policy)
            try expect(ended != nil, "they are kept")
            for _ in 0..<3 { try expect(try await subject.lease(id).isFresh, "they came just now") }
            try await subject.pass(RefreshLeaseRequest.leastPause)
            try expect(try await subject.lease(id).granted != nil, "some seconds later it is time")
        },
        SessionStoreCheck("the lease can be had for tokens that are older than a moment") { subject in
            let session = try await subject.create(withTokens: .seconds(3000))
            let early = RefreshLeaseRequest(.notRefreshedSince(session.createdAt))
            let answer = try await subject.store.acquireRefreshLease(session.id, early, policy: subject.policy)
            try expect(answer.isFresh, "they are no older")
            let late = RefreshLeaseRequest(.notRefreshedSince(session.createdAt + 1))
            let second = try await subject.store.acquireRefreshLease(session.id, late, policy: subject.policy)
            try expect(second.granted != nil, "they are older")
        },
        SessionStoreCheck("a session that has ended, or has no refresh token, has no lease to give") { subject in
            var attributes = signedIn()
            attributes.refreshToken = nil
            attributes.accessToken = nil
            let plain = try await subject.create(attributes).id
            let deleted = try await subject.create(withTokens: .zero).id
            _ = try await subject.store.delete(deleted, policy: subject.policy)
            let revoked = try await subject.create(withTokens: .zero)
            _ = try await subject.store.revoke(revoked.handle, reason: .revoked, by: nil, policy: subject.policy)
            let idle = try await subject.create(withTokens: .zero).id
            try await subject.pass(.seconds(3700))
            for id in [plain, deleted, revoked.id, idle, SessionID()] {
                try expect(try await subject.lease(id).isNone, "no lease")
            }
        },
        SessionStoreCheck("of many who ask for the lease one gets it, and the others hear how long") { subject in
            let id = try await subject.create(withTokens: .zero).id
            let answers = try await withThrowingTaskGroup(of: RefreshLeaseAnswer.self) { group in
                for _ in 0..<20 { group.addTask { try await subject.lease(id) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try expect(answers.count { $0.granted != nil } == 1, "one holder")
            try expect(
                answers.allSatisfy { answer in
                    answer.granted != nil || answer.held.map { $0 > .zero && $0 <= .seconds(15) } == true
                },
                "the others wait, fifteen seconds at most"
            )
        },
        SessionStoreCheck("a lease that is renewed goes on, with the latest fence only") { subject in
            let id = try await subject.create(withTokens: .zero).id
            let lease = try unwrap(try await subject.lease(id).granted, "the first lease")
            try await subject.pass(.seconds(14))
            let (store, policy) = (subject.store, subject.policy)
            let isRenewed = try await store.renewRefreshLease(
                id,
                fence: lease.fence,
                duration: .seconds(15),
                policy: policy
            )
            try expect(isRenewed, "the holder may")
            try await subject.pass(.seconds(10))
            try expect(try await subject.lease(id).held != nil, "it still holds")
            let isForeign = try await store.renewRefreshLease(
                id,
                fence: lease.fence + 1,
                duration: .seconds(15),
                policy: policy
            )
            try expect(!isForeign, "nobody else may")
        },
    ]

    private static let refreshResults: [SessionStoreCheck] = [
        SessionStoreCheck("a refresh keeps id and attributes, moves the end, and gives the lease back") { subject in
            let session = try await subject.create(withTokens: .zero)
            let lease = try unwrap(try await subject.lease(session.id).granted, "a lease")
            let answer = try await subject.complete(lease, token: "second")
            let refreshed = try unwrap(answer, "it is alive")
            try expect(refreshed.id == session.id && refreshed.createdAt == session.createdAt, "the same session")
            try expect(refreshed.accessToken?.reveal() == "second", "the new token")
            try expect(refreshed.refreshToken?.reveal() == "refresh-token", "what isn't mentioned stays")
            try expect(try await subject.lease(session.id).isFresh, "there is no need now")
            try await subject.pass(.seconds(301))
            let next = try unwrap(try await subject.lease(session.id).granted, "the next lease")
            try expect(next.fence > lease.fence, "fences go up")
        },
        SessionStoreCheck("RC-04 a result with an old fence is dropped, a late one is not") { subject in
            let slow = try await subject.create(withTokens: .zero)
            let late = try unwrap(try await subject.lease(slow.id).granted, "a lease")
            try await subject.pass(.seconds(60))
            try expect(try await subject.complete(late, token: "late") != nil, "nobody took it over")

            let taken = try await subject.create(withTokens: .zero)
            let old = try unwrap(try await subject.lease(taken.id).granted, "a lease")
            try await subject.pass(.seconds(60))
            let new = try unwrap(try await subject.lease(taken.id).granted, "a takeover")
            try expect(try await subject.complete(old, token: "old") == nil, "the holder before is refused")
            let unchanged = try await subject.read(taken.id)
            try expect(unchanged?.accessToken?.reveal() == "access-token", "nothing changed")
            try await subject.store.releaseRefreshLease(
                taken.id,
                fence: old.fence,
                retryAfter: .seconds(600),
                refreshToken: Secret("old"),
                policy: subject.policy
            )
            try expect(try await subject.lease(taken.id).held != nil, "nor can it give back what isn't its own")
            let latest = try await subject.complete(new, token: "new")
            try expect(latest?.accessToken?.reveal() == "new", "the latest is in")
        },
        SessionStoreCheck("RC-07 SS-07 tokens that come for a session that has ended are dropped") { subject in
            let deleted = try await subject.create(withTokens: .zero)
            let revoked = try await subject.create(withTokens: .zero)
            let leases = [
                try unwrap(try await subject.lease(deleted.id).granted, "a lease"),
                try unwrap(try await subject.lease(revoked.id).granted, "a lease"),
            ]
            _ = try await subject.store.delete(deleted.id, policy: subject.policy)
            _ = try await subject.store.revoke(revoked.handle, reason: .revoked, by: nil, policy: subject.policy)
            for lease in leases {
                let (id, fence) = (lease.session.id, lease.fence)
                let isRenewed = try await subject.store.renewRefreshLease(
                    id,
                    fence: fence,
                    duration: .seconds(15),
                    policy: subject.policy
                )
                try expect(!isRenewed, "the holder is told")
                try expect(try await subject.complete(lease, token: "late") == nil, "the tokens are dropped")
                try expect(try await subject.isAlive(id) == false, "it stays ended")
            }
        },
        SessionStoreCheck("RF-07 no number of refreshes goes beyond the absolute lifetime") { subject in
            var policy = subject.policy
            policy.absoluteLifetime = .seconds(36_000)
            let session = try await subject.create(withTokens: .zero)
            let request = RefreshLeaseRequest(.expiring(within: .seconds(30)))
            var refreshes = 0
            while refreshes < 100 {
                let answer = try await subject.store.acquireRefreshLease(session.id, request, policy: policy)
                guard let lease = answer.granted else { break }
                let update = try await subject.update(of: session.id, token: "next")
                let refreshed = try await subject.store.completeRefresh(
                    session.id,
                    fence: lease.fence,
                    update,
                    policy: policy
                )
                try expect(refreshed != nil, "it is alive")
                refreshes += 1
                try await subject.pass(.seconds(3500))
            }
            try expect(refreshes == 11, "it ended after ten hours, not after \(refreshes) refreshes")
        },
    ]

    private static let refreshFailures: [SessionStoreCheck] = [
        SessionStoreCheck("RF-06 after a failure nobody tries until it is time") { subject in
            let id = try await subject.create(withTokens: .zero).id
            for failures in 0..<3 {
                let lease = try unwrap(try await subject.lease(id).granted, "a lease")
                try expect(lease.failures == failures && !lease.isTakeover, "\(failures) failures so far")
                try await subject.release(lease, retryAfter: .seconds(20))
                let waiting = try await subject.lease(id).waiting
                try expect(waiting.map { $0 > .seconds(15) && $0 <= .seconds(20) } == true, "everybody waits")
                try await subject.pass(.seconds(21))
            }
            let lease = try unwrap(try await subject.lease(id).granted, "a lease")
            _ = try await subject.complete(lease, token: "next")
            try await subject.pass(.seconds(301))
            try expect(try await subject.lease(id).granted?.failures == 0, "a success forgets them")
        },
        SessionStoreCheck("a lease that was given back unused can be had again at once") { subject in
            let id = try await subject.create(withTokens: .zero).id
            let lease = try unwrap(try await subject.lease(id).granted, "a lease")
            try await subject.release(lease, retryAfter: nil)
            let next = try unwrap(try await subject.lease(id).granted, "the next")
            try expect(next.failures == 0 && !next.isTakeover, "nothing was tried")
            try await subject.release(next, retryAfter: .seconds(5), refreshToken: "replaced")
            try expect(try await subject.read(id)?.refreshToken?.reveal() == "replaced", "the new one is kept")
            try expect(try await subject.read(id)?.accessToken?.reveal() == "access-token", "the old one too")
        },
        SessionStoreCheck("an abandoned lease is taken over when the access token has ended, and once") { subject in
            let id = try await subject.create(withTokens: .seconds(100)).id
            try await subject.pass(.seconds(80))
            try expect(try await subject.lease(id).granted != nil, "the holder who is never heard of")
            try await subject.pass(.seconds(16))
            let waiting = try await subject.lease(id).waiting
            try expect(waiting.map { $0 > .zero && $0 <= .seconds(4) } == true, "the access token is still good")
            try await subject.pass(.seconds(5))
            let takeover = try unwrap(try await subject.lease(id).granted, "it has ended")
            try expect(takeover.isTakeover, "the holder is told")
            try expect(try await subject.lease(id).held != nil, "the second holds it like the first")
            try await subject.pass(.seconds(16))
            try expect(try await subject.lease(id).lost == takeover.fence, "it is not tried a third time")
            let isRevoked = try await subject.store.revokeAfterRefresh(
                id,
                fence: takeover.fence,
                verdict: .lost,
                policy: subject.policy
            )
            try expect(isRevoked, "that is the end")
            try expect(try await subject.isAlive(id) == false, "of the session")
        },
        SessionStoreCheck("RC-04 a lease that looked lost isn't when its holder comes back") { subject in
            let policy = subject.policy
            for comeback in Comeback.allCases {
                let id = try await subject.create(withTokens: .zero).id
                try expect(try await subject.lease(id).granted != nil, "the holder who is never heard of")
                try await subject.pass(.seconds(16))
                let takeover = try unwrap(try await subject.lease(id).granted, "a takeover")
                try await subject.pass(.seconds(16))
                let fence = try unwrap(try await subject.lease(id).lost, "somebody looks")
                switch comeback {
                case .completed: _ = try await subject.complete(takeover, token: "new")
                case .released: try await subject.release(takeover, retryAfter: .seconds(20))
                case .renewed:
                    let (fence, duration) = (takeover.fence, Duration.seconds(15))
                    _ = try await subject.store.renewRefreshLease(id, fence: fence, duration: duration, policy: policy)
                }
                let isRevoked = try await subject.store.revokeAfterRefresh(
                    id,
                    fence: fence,
                    verdict: .lost,
                    policy: policy
                )
                try expect(!isRevoked, "its holder has \(comeback) it meanwhile")
                try expect(try await subject.isAlive(id), "it lives on")
            }
        },
        SessionStoreCheck("a takeover that failed in good order is followed by an ordinary attempt") { subject in
            let id = try await subject.create(withTokens: .zero).id
            try expect(try await subject.lease(id).granted != nil, "the holder who is never heard of")
            try await subject.pass(.seconds(16))
            let takeover = try unwrap(try await subject.lease(id).granted, "a takeover")
            try await subject.release(takeover, retryAfter: .seconds(5))
            try await subject.pass(.seconds(6))
            try expect(try await subject.lease(id).granted?.isTakeover == false, "this one is known to have ended")
        },
        SessionStoreCheck("RF-05 a refused refresh token ends the session, with the latest fence only") { subject in
            let session = try await subject.create(withTokens: .zero)
            let old = try unwrap(try await subject.lease(session.id).granted, "a lease")
            try await subject.pass(.seconds(60))
            let new = try unwrap(try await subject.lease(session.id).granted, "a takeover")
            let isOld = try await subject.refuse(session.id, old)
            try expect(!isOld, "the holder before has no say")
            try expect(try await subject.isAlive(session.id), "it is alive")
            let isLatest = try await subject.refuse(session.id, new)
            try expect(isLatest, "the latest has")
            try expect(try await subject.isAlive(session.id) == false, "it has ended")
            let again = try await subject.refuse(session.id, new)
            try expect(!again, "once")
        },
    ]
}

/// What the holder of a lease does that seemed lost.
private enum Comeback: CaseIterable {
    case completed, released, renewed
}

extension StoreUnderTest {
    /// A session whose access token ends so long from now, by the store's clock.
    fileprivate func create(withTokens lifetime: Duration) async throws -> Session {
        let session = try await create(signedIn())
        var update = SessionUpdate()
        update.accessTokenExpiresAt = .set(session.readAt + Double(lifetime.components.seconds))
        return try unwrap(try await store.update(session.id, update, policy: policy), "it is alive")
    }

    fileprivate func lease(
        _ id: SessionID,
        within margin: Duration = .seconds(30)
    ) async throws -> RefreshLeaseAnswer {
        try await store.acquireRefreshLease(id, RefreshLeaseRequest(.expiring(within: margin)), policy: policy)
    }

    /// Ends a refresh with a token that lives for five minutes.
    fileprivate func complete(_ lease: RefreshLease, token: String) async throws -> Session? {
        let update = try await update(of: lease.session.id, token: token)
        return try await store.completeRefresh(lease.session.id, fence: lease.fence, update, policy: policy)
    }

    fileprivate func update(of id: SessionID, token: String) async throws -> SessionUpdate {
        let now = try await read(id)?.readAt ?? Date()
        var update = SessionUpdate(accessToken: Secret(token))
        update.accessTokenExpiresAt = .set(now + 300)
        update.extendsLifetime = true
        return update
    }

    fileprivate func refuse(_ id: SessionID, _ lease: RefreshLease) async throws -> Bool {
        try await store.revokeAfterRefresh(id, fence: lease.fence, verdict: .refused, policy: policy)
    }

    fileprivate func release(
        _ lease: RefreshLease,
        retryAfter: Duration?,
        refreshToken: String? = nil
    ) async throws {
        try await store.releaseRefreshLease(
            lease.session.id,
            fence: lease.fence,
            retryAfter: retryAfter,
            refreshToken: refreshToken.map { Secret($0) },
            policy: policy
        )
    }
}

extension RefreshLeaseAnswer {
    fileprivate var granted: RefreshLease? {
        if case .granted(let lease) = self { lease } else { nil }
    }

    fileprivate var isFresh: Bool {
        if case .fresh = self { true } else { false }
    }

    fileprivate var isNone: Bool {
        if case .none = self { true } else { false }
    }

    fileprivate var held: Duration? {
        if case .held(_, let remaining) = self { remaining } else { nil }
    }

    fileprivate var waiting: Duration? {
        if case .waiting(_, let remaining) = self { remaining } else { nil }
    }

    fileprivate var lost: Int64? {
        if case .lost(let fence) = self { fence } else { nil }
    }
}
