import Foundation
import PostgresPipeline
import Secrets
import Testing

@testable import Sessions

@Suite("RC-14 sealing keys are rotated while everything runs")
struct RotationTests {
    @Test("all rows move to the new key in batches; an interrupted pass is started again; started logins too")
    func resealsAll() async throws {
        try await StoreFixture.with { fixture in
            let old = fixture.manager()
            var ids: [SessionID] = []
            for number in 0..<25 {
                let user = UserKey(issuer: "i", subject: "user-\(number)")
                ids.append(try await old.completeLogin(login(user), replacing: nil).id)
            }
            let pending = try await old.beginLogin(startedLogin())
            let both = try makeRing("b", "a")
            try await fixture.replica(keyRing: both) { rotating in
                let (first, cursor) = try await rotating.store.reseal(limit: 10)
                #expect(first.sealed == 10 && cursor != nil)
                var total = ResealReport()
                var next: ResealCursor?
                repeat {
                    let (report, cursor) = try await rotating.store.reseal(after: next, limit: 10)
                    total.add(report)
                    next = cursor
                } while next != nil
                #expect(total.sealed == 16, "what was done before isn't done again")
                #expect(try await rotating.store.sealingStatus().rowsByKeyID == [both.sealingKeyID: 26])
            }
            try await fixture.replica(keyRing: try makeRing("b")) { after in
                for id in ids {
                    #expect(try await after.manager().getSession(id)?.refreshToken?.reveal() == "MARKED-refresh-token")
                }
                let claimed = try await after.manager().claimLogin(pending.id, state: Secret("MARKED-state"))
                #expect(claimed?.codeVerifier.reveal() == "MARKED-verifier")
            }
        }
    }

    @Test("a row that is updated between reading and resealing keeps the update")
    func updatedMeanwhile() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let manager = fixture.manager()
            let ids = try await withThrowingTaskGroup(of: SessionID.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let user = UserKey(issuer: "i", subject: "user-\(number)")
                        return try await manager.completeLogin(login(user), replacing: nil).id
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await fixture.replica(keyRing: try makeRing("b", "a"), connections: 4) { rotating in
                let updates = rotating.manager()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for round in 0..<20 {
                        for id in ids {
                            group.addTask {
                                let update = SessionUpdate(accessToken: Secret("round-\(round)"))
                                _ = try await updates.updateSession(id, update)
                            }
                        }
                        group.addTask { _ = try await rotating.store.reseal() }
                        // One round after the other, so that the last word is known.
                        try await group.waitForAll()
                        for id in ids {
                            let token = try await updates.getSession(id)?.accessToken?.reveal()
                            #expect(token == "round-\(round)")
                        }
                    }
                }
            }
        }
    }

    @Test("a row that no key opens is counted and left")
    func unreadable() async throws {
        try await StoreFixture.with { fixture in
            let session = try await fixture.manager().completeLogin(login(), replacing: nil)
            try await fixture.replica(keyRing: try makeRing("b")) { other in
                let (report, _) = try await other.store.reseal()
                #expect(report.unreadable == 1 && report.sealed == 0)
            }
            #expect(try await fixture.manager().getSession(session.id) != nil)
        }
    }
}
