import Foundation
import Secrets
import Sessions

extension SessionStoreConformance {
    static let logins: [SessionStoreCheck] = [
        SessionStoreCheck("a started login is handed out whole") { subject in
            let started = try await subject.store.create(newLogin(), id: PendingLoginID(), policy: subject.policy)
            let lifetime = started.expiresAt.timeIntervalSince(started.createdAt)
            try expect(lifetime == 600, "it lives for the login lifetime")
            let answer = try await subject.store.claim(
                started.id,
                state: newLogin().state.reveal(),
                policy: subject.policy
            )
            let claimed = try unwrap(answer, "it is there")
            try expect(claimed.state.reveal() == newLogin().state.reveal(), "state is kept")
            try expect(claimed.nonce.reveal() == newLogin().nonce.reveal(), "nonce is kept")
            try expect(claimed.codeVerifier.reveal() == newLogin().codeVerifier.reveal(), "verifier is kept")
            let texts = [claimed.issuer, claimed.provider, claimed.redirectURI, claimed.returnTo, claimed.tenantID]
            let expected = [
                newLogin().issuer, newLogin().provider, newLogin().redirectURI, newLogin().returnTo,
                newLogin().tenantID,
            ]
            try expect(texts == expected, "the rest is kept")
            try expect(claimed.createdAt == started.createdAt, "its times are kept")
        },
        SessionStoreCheck("CB-04 of many simultaneous claims exactly one gets the login") { subject in
            let (store, policy) = (subject.store, subject.policy)
            let id = try await store.create(newLogin(), id: PendingLoginID(), policy: policy).id
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        try await store.claim(id, state: newLogin().state.reveal(), policy: policy) != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            try expect(winners == 1, "one caller gets it, not \(winners)")
        },
        SessionStoreCheck("a wrong state takes nothing") { subject in
            let id = try await subject.store.create(newLogin(), id: PendingLoginID(), policy: subject.policy).id
            for state in ["", "x", newLogin().state.reveal() + "x"] {
                try expect(
                    try await subject.store.claim(id, state: state, policy: subject.policy) == nil,
                    "a wrong state gets nothing"
                )
            }
            let claimed = try await subject.store.claim(id, state: newLogin().state.reveal(), policy: subject.policy)
            try expect(claimed != nil, "the right one still gets it")
        },
        SessionStoreCheck("CB-05 a login that was started too long ago is over, without a cleaner") { subject in
            let id = try await subject.store.create(newLogin(), id: PendingLoginID(), policy: subject.policy).id
            try await subject.pass(.seconds(610))
            let claimed = try await subject.store.claim(id, state: newLogin().state.reveal(), policy: subject.policy)
            try expect(claimed == nil, "it is over")
        },
        SessionStoreCheck("RV-01 PD-13 of more started logins than there may be, the oldest give way") { subject in
            var policy = subject.policy
            policy.maximumPendingLogins = 3
            var ids: [PendingLoginID] = []
            for _ in 0..<8 {
                ids.append(try await subject.store.create(newLogin(), id: PendingLoginID(), policy: policy).id)
            }
            var claimed: [Bool] = []
            for id in ids {
                let state = newLogin().state.reveal()
                claimed.append(try await subject.store.claim(id, state: state, policy: policy) != nil)
            }
            try expect(claimed == Array(repeating: false, count: 5) + [true, true, true], "the newest three are there")
        },
        SessionStoreCheck("SS-14 a started login is no session, and a session no started login") { subject in
            let login = try await subject.store.create(newLogin(), id: PendingLoginID(), policy: subject.policy)
            let asSession = try unwrap(SessionID(login.id.value.reveal()), "the forms are the same")
            try expect(try await subject.isAlive(asSession) == false, "a login cookie opens no session")
            try expect(try await subject.store.delete(asSession, policy: subject.policy) == false, "and ends none")
            var attributes = SessionAttributes()
            attributes.state = Secret("state")
            let session = try await subject.create(attributes)
            let asLogin = try unwrap(PendingLoginID(session.id.value.reveal()), "the forms are the same")
            try expect(
                try await subject.store.claim(asLogin, state: "state", policy: subject.policy) == nil,
                "a session finishes no login"
            )
            try expect(try await subject.isAlive(session.id), "and isn't taken")
        },
    ]
}
