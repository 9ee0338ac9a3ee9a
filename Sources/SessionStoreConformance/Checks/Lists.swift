import Foundation
import Sessions

extension SessionStoreConformance {
    static let lists: [SessionStoreCheck] = [
        SessionStoreCheck("a user's list has the live sessions, the newest first, without secrets") { subject in
            var handles: [SessionHandle] = []
            let revoked = try await subject.create(signedIn())
            _ = try await subject.store.revoke(revoked.handle, reason: .revoked, by: nil, policy: subject.policy)
            for _ in 0..<3 {
                handles.append(try await subject.create(everything()).handle)
                try await subject.pass(.seconds(1))
            }
            let list = try await subject.store.sessions(of: alice, policy: subject.policy)
            try expect(list.map(\.handle) == handles.reversed(), "newest first")
            for summary in list {
                try expect(summary.attributes.accessToken == nil, "no access token")
                try expect(summary.attributes.codeVerifier == nil, "no verifier")
                try expect(summary.attributes.deviceLabel == everything().deviceLabel, "the device is there")
                try expect(summary.user == alice, "the user is there")
            }
        },
        SessionStoreCheck("pages go over every session once") { subject in
            var expected: Set<SessionHandle> = []
            for number in 0..<23 {
                let user = UserKey(tenantID: "t\(number % 2)", issuer: "i\(number % 3)", subject: "s\(number)")
                let attributes = number % 5 == 0 ? SessionAttributes(tenantID: user.tenantID) : signedIn(user)
                expected.insert(try await subject.create(attributes).handle)
            }
            for tenantID in [nil, "t0", "t1"] {
                var seen: [SessionSummary] = []
                var cursor: SessionPage.Cursor?
                repeat {
                    var filter = SessionFilter()
                    filter.tenantID = tenantID
                    let page = try await subject.store.sessions(
                        matching: filter,
                        after: cursor,
                        limit: 5,
                        policy: subject.policy
                    )
                    try expect(page.sessions.count <= 5, "a page is no longer than asked for")
                    seen += page.sessions
                    cursor = page.next
                } while cursor != nil && seen.count < 100
                let handles = Set(seen.map(\.handle))
                try expect(handles.count == seen.count, "none twice")
                if let tenantID {
                    try expect(seen.allSatisfy { $0.attributes.tenantID == tenantID }, "only the tenant's")
                    try expect(seen.count == (tenantID == "t0" ? 12 : 11), "all of the tenant's")
                } else {
                    try expect(handles == expected, "all of them")
                }
            }
        },
        SessionStoreCheck("the statistics count each kind") { subject in
            let (store, policy) = (subject.store, subject.policy)
            _ = try await store.create(newLogin(), id: PendingLoginID(), policy: policy)
            let revoked = try await subject.create(signedIn())
            _ = try await store.revoke(revoked.handle, reason: .revoked, by: nil, policy: policy)
            _ = try await subject.create(signedIn())
            try await subject.pass(.seconds(86_400 * 31))
            _ = try await subject.create(signedIn())
            _ = try await subject.create(SessionAttributes())
            _ = try await store.create(newLogin(), id: PendingLoginID(), policy: policy)
            let statistics = try await store.statistics(tenantID: nil, policy: policy)
            try expect(statistics.total == 4, "four sessions, not \(statistics.total)")
            try expect(statistics.active == 2 && statistics.expired == 1 && statistics.revoked == 1, "each in its kind")
            try expect(statistics.inactive == 1, "one hasn't been used for a month")
            try expect(statistics.pendingLogins == 1, "one login can still be finished")
            try expect(statistics.activeByTenant == ["acme": 1, "": 1], "one of each tenant")
            let oldest = try unwrap(statistics.oldestExpiry, "there is an earliest end")
            let newest = try unwrap(statistics.newestExpiry, "there is a latest end")
            let days = [oldest, newest].map { ($0.timeIntervalSince(statistics.takenAt) / 86_400).rounded() }
            try expect(days == [7 - 31, 7], "ends as they are stored, without the revoked ones: \(days)")
        },
        SessionStoreCheck("an empty store counts nothing") { subject in
            let statistics = try await subject.store.statistics(tenantID: nil, policy: subject.policy)
            try expect(statistics.total == 0 && statistics.activeByTenant.isEmpty, "nothing")
            try expect(statistics.oldestExpiry == nil && statistics.newestExpiry == nil, "and no end")
        },
    ]
}
