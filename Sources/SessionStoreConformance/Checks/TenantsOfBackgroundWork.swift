import Foundation
import Sessions

extension SessionStoreConformance {
    static let tenantsOfBackgroundWork: [SessionStoreCheck] = [
        SessionStoreCheck("SS-18 the tokens of another tenant's session can't be refreshed here, at any step") {
            subject in
            let (store, scope) = (subject.store, subject.scoped(to: "other"))
            var attributes = signedIn()
            attributes.accessToken = nil
            let id = try await subject.create(attributes).id
            let request = RefreshLeaseRequest(.expiring(within: .seconds(30)))
            let answer = try await store.acquireRefreshLease(id, request, policy: scope)
            guard case .none = answer else { throw ConformanceFailure("there is no lease") }
            let own = try await store.acquireRefreshLease(id, request, policy: subject.policy)
            guard case .granted(let lease) = own else { throw ConformanceFailure("its own tenant gets it") }

            let fence = lease.fence
            let renewed = try await store.renewRefreshLease(id, fence: fence, duration: .seconds(60), policy: scope)
            try expect(renewed == false, "it isn't renewed")
            var update = SessionUpdate()
            update.roles = ["admin"]
            let completed = try await store.completeRefresh(id, fence: fence, update, policy: scope)
            try expect(completed == nil, "no result is written")
            let isEnded = try await store.revokeAfterRefresh(id, fence: fence, verdict: .refused, policy: scope)
            try expect(!isEnded, "it isn't ended")
            try await store.releaseRefreshLease(
                id,
                fence: fence,
                retryAfter: .seconds(60),
                refreshToken: nil,
                policy: scope
            )
            let again = try await store.acquireRefreshLease(id, request, policy: subject.policy)
            guard case .held = again else { throw ConformanceFailure("the lease is still held, not \(again)") }
            try expect(try await subject.read(id)?.roles == [], "and nothing has changed")
        },
        SessionStoreCheck("SS-18 the cleaner of one tenant judges no other's sessions by its policy") { subject in
            let own = UserKey(tenantID: "other", issuer: alice.issuer, subject: alice.subject)
            for user in [alice, own] {
                let revoked = try await subject.create(signedIn(user))
                _ = try await subject.store.revoke(revoked.handle, reason: .revoked, by: nil, policy: subject.policy)
                _ = try await subject.create(signedIn(user))
            }
            try await subject.pass(.seconds(86_400 * 6))
            for user in [alice, own] { for _ in 0..<2 { _ = try await subject.create(signedIn(user)) } }
            let targets: [CleanupTarget] = [
                .revoked(olderThan: .seconds(86_400)), .inactive(.seconds(86_400)), .overLimit(1),
            ]
            for target in targets {
                let scope = subject.scoped(to: "other")
                let counted = try await subject.store.withExclusiveCleaning { cleaning async throws(SessionError) in
                    try await cleaning.count(target, after: [], policy: scope)
                }
                try expect(counted?.sessions == 1, "\(target): one of its own is counted")
                let cleaned = try await subject.store.withExclusiveCleaning { cleaning async throws(SessionError) in
                    try await cleaning.clean(target, after: nil, limit: 100, policy: scope)
                }
                try expect(cleaned?.sessions == 1, "\(target): one of its own goes")
                let left = try await subject.count(target)
                try expect(left.sessions == 1, "\(target): the other's is left")
            }
        },
    ]
}
