import Foundation
import Secrets
import Sessions

extension SessionStoreConformance {
    static let tenants: [SessionStoreCheck] = [
        SessionStoreCheck("SS-18 a session of another tenant is no session, for every verb that is given its name") {
            subject in
            let (store, scope) = (subject.store, subject.scoped(to: "other"))
            let session = try await subject.create(signedIn())
            let (id, handle) = (session.id, session.handle)
            for detail in [SessionDetail.full, .identity] {
                try expect(try await store.session(id, detail: detail, policy: scope) == nil, "it isn't read")
            }
            var update = SessionUpdate()
            update.roles = ["admin"]
            try expect(try await store.update(id, update, policy: scope) == nil, "it isn't changed")
            try expect(try await store.delete(id, policy: scope) == false, "it isn't deleted")
            let isRevoked = try await store.revoke(handle, reason: .revoked, by: nil, policy: scope)
            try expect(isRevoked == false, "it isn't revoked")
            try expect(try await store.summary(handle, policy: scope) == nil, "it isn't shown")
            try await subject.pass(.seconds(1000))
            let touches = [SessionTouch(id: id, age: .zero)]
            try expect(try await store.touch(touches, policy: scope) == 0, "its use isn't written")

            let left = try unwrap(try await subject.read(id), "it is alive for its own tenant")
            try expect(left.revision == session.revision && left.roles.isEmpty, "nothing of it has changed")
            try expect(left.lastAccessedAt < left.readAt - 900, "not even its last use")
        },
        SessionStoreCheck("SS-18 a user of another tenant has no sessions here, whatever is asked of them") { subject in
            let (store, scope) = (subject.store, subject.scoped(to: "other"))
            let sessions = [try await subject.create(signedIn()), try await subject.create(signedIn())]
            try expect(try await store.sessions(of: alice, policy: scope).isEmpty, "they aren't listed")
            let revoked = try await store.revokeAll(
                of: alice,
                except: nil,
                reason: .invalidated,
                by: nil,
                policy: scope
            )
            try expect(revoked == 0, "they aren't ended")
            let changed = try await store.updateUser(
                alice,
                profile: ["a": 1],
                roles: ["admin"],
                by: nil,
                policy: scope
            )
            try expect(changed == 0, "they aren't changed")
            let limited = try await store.enforceLimit(of: alice, maximum: 0, by: nil, policy: scope)
            try expect(limited == 0, "no limit is held against them")
            for session in sessions {
                let left = try unwrap(try await subject.read(session.id), "it is alive for its own tenant")
                try expect(left.revision == session.revision && left.roles.isEmpty, "and unchanged")
            }
        },
        SessionStoreCheck("SS-18 lists, counts and endings by criteria keep to the tenant, whatever the filter says") {
            subject in
            let (store, scope) = (subject.store, subject.scoped(to: "other"))
            _ = try await subject.create(signedIn())
            _ = try await store.create(newLogin(), id: PendingLoginID(), policy: subject.policy)
            let own = UserKey(tenantID: "other", issuer: alice.issuer, subject: alice.subject)
            let ours = try await subject.create(signedIn(own))
            for tenantID in [nil, "acme", "other"] {
                var filter = SessionFilter()
                filter.tenantID = tenantID
                filter.subject = "alice"
                let expected = tenantID == "acme" ? [] : [ours.handle]
                let page = try await store.sessions(matching: filter, after: nil, limit: 10, policy: scope)
                try expect(page.sessions.map(\.handle) == expected, "only its own are listed")
                let statistics = try await store.statistics(tenantID: tenantID, policy: scope)
                try expect(statistics.total == expected.count, "only its own are counted")
                try expect(statistics.pendingLogins == 0, "nor another's logins")
                let unscoped = try await store.statistics(tenantID: tenantID, policy: subject.policy)
                try expect(unscoped.total == (tenantID == nil ? 2 : 1), "without a scope, those of the tenant")
                let dry = try await subject.end(filter, .delete, isDryRun: true, policy: scope)
                try expect(dry.matched == expected.count, "only its own would be ended")
            }
            var everything = SessionFilter()
            everything.subject = "alice"
            try expect(try await subject.end(everything, .delete, policy: scope).ended == 1, "only its own is ended")
            try expect(try await subject.list(everything).map(\.attributes.tenantID) == ["acme"], "the other is left")
        },
        SessionStoreCheck("SS-18 a login that was started for another tenant can't be finished here") { subject in
            let (store, state) = (subject.store, newLogin().state.reveal())
            let login = try await store.create(newLogin(), id: PendingLoginID(), policy: subject.policy)
            let claimed = try await store.claim(login.id, state: state, policy: subject.scoped(to: "other"))
            try expect(claimed == nil, "there is none")
            let rightful = try await store.claim(login.id, state: state, policy: subject.scoped(to: "acme"))
            try expect(rightful != nil, "its own tenant gets it")
        },
        SessionStoreCheck("SS-18 a login here doesn't end the session of another tenant that the browser presents") {
            subject in
            let (store, scope) = (subject.store, subject.scoped(to: "other"))
            let theirs = try await subject.create(signedIn())
            let own = UserKey(tenantID: "other", issuer: alice.issuer, subject: alice.subject)
            let new = NewSession(attributes: signedIn(own))
            let created = try await store.create(new, replacing: ReplacedSession(id: theirs.id), policy: scope)
            try expect(created != nil, "the login is finished")
            try expect(try await subject.isAlive(theirs.id), "the other tenant's session lives")
            let required = ReplacedSession(id: theirs.id, requiredRevision: theirs.revision)
            let next = NewSession(attributes: signedIn(own))
            let refused = try await store.create(next, replacing: required, policy: scope)
            try expect(refused == nil, "nor does it go on under a new id")
            try expect(try await subject.isAlive(theirs.id), "it still lives")
        },
        SessionStoreCheck("SS-18 within its tenant a scoped store does all that one without a scope does") { subject in
            let (store, scope) = (subject.store, subject.scoped(to: "acme"))
            let session = try await subject.create(signedIn())
            try await subject.pass(.seconds(1000))
            let touches = [SessionTouch(id: session.id, age: .zero)]
            try expect(try await store.touch(touches, policy: scope) == 1, "uses are written")
            let read = try await store.session(session.id, detail: .full, policy: scope)
            try expect(read?.subject == "alice", "sessions are read")
            let count = try await store.updateUser(alice, profile: [:], roles: ["r"], by: nil, policy: scope)
            try expect(count == 1, "changed")
            try expect(try await store.sessions(of: alice, policy: scope).count == 1, "listed")
            let other = try await subject.create(signedIn())
            try expect(try await store.enforceLimit(of: alice, maximum: 1, by: nil, policy: scope) == 1, "limited")
            try expect(try await store.delete(other.id, policy: scope), "and deleted")
        },
    ]
}

extension StoreUnderTest {
    func scoped(to tenantID: String) -> SessionPolicy {
        var policy = policy
        policy.tenantID = tenantID
        return policy
    }
}
