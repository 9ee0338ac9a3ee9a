import Foundation
import Secrets
import Sessions

extension SessionStoreConformance {
    static let backChannel: [SessionStoreCheck] = [
        SessionStoreCheck("BC-02 a notice about a user ends all sessions at that issuer and tenant") { subject in
            let ended = [try await subject.signIn(sid: "s1").id, try await subject.signIn(sid: nil).id]
            var (stranger, tenant, issuer) = (alice, alice, alice)
            stranger.subject = "bob"
            tenant.tenantID = "another tenant"
            issuer.issuer = "https://another.example"
            var others: [SessionID] = []
            for user in [stranger, tenant, issuer] { others.append(try await subject.signIn(user, sid: "s1").id) }
            let moment = try await subject.moment()
            let outcome = try await subject.end(subject.notice(at: moment, subject: alice.subject))
            try expect(outcome.count == 2, "two were ended")
            for id in ended { try expect(try await subject.isAlive(id) == false, "it is over") }
            for id in others { try expect(try await subject.isAlive(id), "somebody else's session lives") }
        },
        SessionStoreCheck("BC-03 BC-09 a notice about a session ends that of its issuer and tenant") { subject in
            let meant = try await subject.signIn(sid: "s1").id
            var (tenant, issuer) = (alice, alice)
            tenant.tenantID = "another tenant"
            issuer.issuer = "https://another.example"
            let others = [
                try await subject.signIn(sid: "s2").id, try await subject.signIn(sid: nil).id,
                try await subject.signIn(tenant, sid: "s1").id, try await subject.signIn(issuer, sid: "s1").id,
            ]
            let moment = try await subject.moment()
            let outcome = try await subject.end(subject.notice(at: moment, sid: "s1"))
            try expect(outcome.count == 1, "one was ended")
            try expect(try await subject.isAlive(meant) == false, "it is over")
            for id in others { try expect(try await subject.isAlive(id), "the others live") }
        },
        SessionStoreCheck("BC-04 a notice about a user's session leaves the user's other sessions") { subject in
            let meant = try await subject.signIn(sid: "s1").id
            let unknown = try await subject.signIn(sid: nil).id
            let other = try await subject.signIn(sid: "s2").id
            let moment = try await subject.moment()
            let notice = subject.notice(at: moment, subject: alice.subject, sid: "s1")
            try expect(try await subject.end(notice).count == 2, "two were ended")
            try expect(try await subject.isAlive(meant) == false, "it is over")
            try expect(try await subject.isAlive(unknown) == false, "so is what can't be told from it")
            try expect(try await subject.isAlive(other), "the other one lives")
        },
        SessionStoreCheck("BC-04 a notice about another user's session changes nothing") { subject in
            let session = try await subject.signIn(sid: "s1").id
            let moment = try await subject.moment()
            let wrong = subject.notice(at: moment, subject: "bob", sid: "s1")
            guard case .mismatched = try await subject.end(wrong) else {
                throw ConformanceFailure("the notice contradicts what is known")
            }
            try expect(try await subject.isAlive(session), "the session lives")
            var right = wrong
            right.subject = alice.subject
            try expect(try await subject.end(right).count == 1, "the right one isn't taken for a repetition")
        },
        SessionStoreCheck("BC-10 a notice that comes again changes nothing") { subject in
            _ = try await subject.signIn(sid: nil)
            let moment = try await subject.moment()
            let notice = subject.notice(at: moment, subject: alice.subject)
            try expect(try await subject.end(notice).count == 1, "one was ended")
            let later = try await subject.signIn(sid: nil, issuedAt: moment + 1).id
            guard case .repeated = try await subject.end(notice) else {
                throw ConformanceFailure("it came before")
            }
            try expect(try await subject.isAlive(later), "the new session lives")
        },
        SessionStoreCheck("BC-10 a notice that comes late ends no session that began since") { subject in
            let moment = try await subject.moment()
            let before = try await subject.signIn(sid: nil, issuedAt: moment - 1).id
            let sameSecond = try await subject.signIn(sid: nil, issuedAt: moment + 0.9).id
            let since = try await subject.signIn(sid: nil, issuedAt: moment + 1).id
            try expect(try await subject.end(subject.notice(at: moment, subject: alice.subject)).count == 2, "two")
            try expect(try await subject.isAlive(before) == false, "it is over")
            try expect(try await subject.isAlive(sameSecond) == false, "so is one of the same second")
            try expect(try await subject.isAlive(since), "the one that began since lives")
        },
        SessionStoreCheck("BC-12 a notice about nobody who is known ends nothing") { subject in
            let session = try await subject.signIn(sid: "s1").id
            let moment = try await subject.moment()
            try expect(try await subject.end(subject.notice(at: moment, subject: "nobody")).count == 0, "nothing")
            try expect(try await subject.end(subject.notice(at: moment, sid: "nothing")).count == 0, "nothing")
            try expect(try await subject.isAlive(session), "the session lives")
        },
        SessionStoreCheck("BC-19 a login from before the notice isn't stored after it") { subject in
            let moment = try await subject.moment()
            _ = try await subject.end(subject.notice(at: moment, subject: "alice", sid: "s1"))
            _ = try await subject.end(subject.notice(at: moment, sid: "s2"))
            _ = try await subject.end(subject.notice(at: moment, subject: "bob"))
            var bob = alice
            bob.subject = "bob"
            for (user, sid, offset, isStored) in [
                (alice, "s1", 0.0, false), (alice, "s1", 2, false), (alice, nil, -5, false), (alice, "s3", -5, true),
                (bob, "s1", 2, true), (alice, "s2", -5, false), (alice, "s2", 2, false), (alice, nil, 1, true),
                (bob, nil, 0.5, false), (bob, "s4", -5, false),
            ] as [(UserKey, String?, Double, Bool)] {
                let new = subject.login(user, sid: sid, issuedAt: moment + offset)
                let session = try await subject.store.create(new, replacing: nil, policy: subject.policy)
                try expect((session != nil) == isStored, "\(user.subject) \(sid ?? "-") \(offset)")
            }
        },
        SessionStoreCheck("BC-19 a session that is named ends whenever its ID token was issued") { subject in
            let moment = try await subject.moment()
            let late = try await subject.signIn(sid: "s1", issuedAt: moment + 2).id
            let later = try await subject.signIn(sid: "s2", issuedAt: moment + 2).id
            let unnamed = try await subject.signIn(sid: nil, issuedAt: moment + 2).id
            try expect(try await subject.end(subject.notice(at: moment, sid: "s1")).count == 1, "one")
            try expect(try await subject.isAlive(late) == false, "its code was exchanged after the logout")
            let both = subject.notice(at: moment, subject: alice.subject, sid: "s2")
            try expect(try await subject.end(both).count == 1, "one more")
            try expect(try await subject.isAlive(later) == false, "so was this one's")
            try expect(try await subject.isAlive(unnamed), "a session of the user's that began since lives")
        },
        SessionStoreCheck("BC-19 a login that isn't stored replaces nothing") { subject in
            let previous = try await subject.signIn(sid: "old").id
            let moment = try await subject.moment()
            _ = try await subject.end(subject.notice(at: moment, sid: "new"))
            let new = subject.login(alice, sid: "new", issuedAt: moment)
            let replaced = ReplacedSession(id: previous)
            let session = try await subject.store.create(new, replacing: replaced, policy: subject.policy)
            try expect(session == nil, "it is over before it began")
            try expect(try await subject.isAlive(previous), "the browser's session lives")
        },
        SessionStoreCheck("BC-16 what is ended leaves its tokens behind, once") { subject in
            let session = try await subject.signIn(sid: "s1")
            let moment = try await subject.moment()
            guard case .ended(_, let ended) = try await subject.end(subject.notice(at: moment, sid: "s1")) else {
                throw ConformanceFailure("it is ended")
            }
            try expect(ended.count == 1 && ended[0].handle == session.handle, "it is named")
            try expect(ended[0].refreshToken?.reveal() == "refresh-token", "its refresh token is there")
            try expect(ended[0].accessToken?.reveal() == "access-token", "and its access token")
            let own = try await subject.signIn(sid: "s2")
            let left = try unwrap(try await subject.store.end(own.id, policy: subject.policy), "it was there")
            try expect(left.wasAlive && left.subject == alice.subject, "it was alice's")
            try expect(left.refreshToken?.reveal() == "refresh-token", "its refresh token is there")
            try expect(left.idToken?.reveal() == "id-token", "and its ID token")
            try expect(try await subject.store.end(own.id, policy: subject.policy) == nil, "there is no second end")
        },
        SessionStoreCheck("a session that has expired can be ended, and says so") { subject in
            let session = try await subject.signIn(sid: nil)
            try await subject.pass(.seconds(3700))
            let left = try unwrap(try await subject.store.end(session.id, policy: subject.policy), "it was there")
            try expect(left.wasAlive == false, "it was over")
        },
        SessionStoreCheck("a policy of another tenant ends nothing by a notice") { subject in
            let session = try await subject.signIn(sid: "s1").id
            var policy = subject.policy
            policy.tenantID = "another tenant"
            let moment = try await subject.moment()
            let notice = subject.notice(at: moment, sid: "s1")
            let outcome = try await subject.store.endByProvider(notice, policy: policy)
            try expect(outcome.count == 0, "it isn't there")
            try expect(try await subject.isAlive(session), "it lives")
        },
        SessionStoreCheck("notices are forgotten when their time is over, and not before") { subject in
            let moment = try await subject.moment()
            var notice = subject.notice(at: moment, sid: "s1")
            notice.remembered = .seconds(3600)
            _ = try await subject.end(notice)
            _ = try await subject.end(subject.notice(at: moment, sid: "s1"))
            try await subject.pass(.seconds(1800))
            try expect(try await subject.count(.logoutTokens).sessions == 1, "a quarter of an hour is the least")
            _ = try await subject.clean(.logoutTokens)
            guard case .repeated = try await subject.end(notice) else { throw ConformanceFailure("it is remembered") }
            try await subject.pass(.seconds(1801))
            let batches = try await subject.clean(.logoutTokens, limit: 1)
            try expect(batches.reduce(0) { $0 + $1.sessions } == 1, "it is forgotten")
            try expect(try await subject.count(.logoutTokens).sessions == 0, "nothing is left")
        },
    ]
}

extension BackChannelOutcome {
    fileprivate var count: Int? {
        if case .ended(let count, _) = self { count } else { nil }
    }
}

extension StoreUnderTest {
    /// The store's clock, in whole seconds.
    fileprivate func moment() async throws -> Date {
        let session = try await create(SessionAttributes())
        _ = try await store.end(session.id, policy: policy)
        return Date(timeIntervalSince1970: session.createdAt.timeIntervalSince1970.rounded(.down))
    }

    fileprivate func login(_ user: UserKey, sid: String?, issuedAt: Date?) -> NewSession {
        var attributes = signedIn(user)
        attributes.providerSessionID = sid
        return NewSession(attributes: attributes, idTokenIssuedAt: issuedAt)
    }

    fileprivate func signIn(_ user: UserKey = alice, sid: String?, issuedAt: Date? = nil) async throws -> Session {
        let new = login(user, sid: sid, issuedAt: issuedAt)
        return try unwrap(try await store.create(new, replacing: nil, policy: policy), "a login is stored")
    }

    fileprivate func notice(at moment: Date, subject: String? = nil, sid: String? = nil) -> LogoutNotice {
        LogoutNotice(
            issuer: alice.issuer,
            tenantID: alice.tenantID,
            subject: subject,
            providerSessionID: sid,
            tokenID: SessionID().handle.rawValue,
            issuedAt: moment
        )
    }

    fileprivate func end(_ notice: LogoutNotice) async throws -> BackChannelOutcome {
        try await store.endByProvider(notice, policy: policy)
    }
}
