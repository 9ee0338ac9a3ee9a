import Foundation
import Logging
import PostgresPipeline
import Secrets
import Synchronization
import Testing

@testable import Sessions

@Suite("Promise 4: a stolen dump is worthless; promise 11: no secret leaves")
struct SecrecyTests {
    @Test("SS-02 PS-03 the table holds no id and no clear-text secret, whatever was done")
    func dump() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let pending = try await manager.beginLogin(startedLogin())
            let anonymous = try await manager.createSession(
                SessionAttributes(
                    nonce: Secret("MARKED-nonce"),
                    state: Secret("MARKED-state"),
                    codeVerifier: Secret("MARKED-verifier")
                )
            )
            let signedIn = try await manager.completeLogin(login(), replacing: anonymous.id)
            var update = SessionUpdate(accessToken: Secret("MARKED-second-access-token"))
            update.idToken = .set(Secret("MARKED-second-id-token"))
            _ = try await manager.updateSession(signedIn.id, update)
            let revoked = try await manager.completeLogin(login(), replacing: nil)
            try await manager.revokeSession(revoked.id)
            let deleted = try await manager.completeLogin(login(), replacing: nil)
            try await manager.deleteSession(deleted.id)

            let dump = try await fixture.dump()
            #expect(dump.contains("s1."), "there is something to see")
            #expect(!dump.contains("MARKED"))
            for id in [anonymous.id, signedIn.id, revoked.id, deleted.id] {
                #expect(!dump.contains(id.value.reveal()))
            }
            #expect(!dump.contains(pending.id.value.reveal()))
            let read = try #require(try await manager.getSession(signedIn.id))
            #expect(read.accessToken?.reveal() == "MARKED-second-access-token")
            #expect(read.refreshToken?.reveal() == "MARKED-refresh-token")
        }
    }

    @Test("what was revoked or replaced keeps its trace and loses its secrets")
    func revokedRows() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let replaced = try await manager.createSession(
                SessionAttributes(nonce: Secret("n"), state: Secret("s"), codeVerifier: Secret("v"))
            )
            let revoked = try await manager.completeLogin(login(), replacing: replaced.id)
            try await manager.revokeSession(revoked.id, reason: .provider)
            let rows = try await fixture.texts(
                """
                SELECT
                    revoked_reason,
                    num_nonnulls(nonce, state, code_verifier, access_token, refresh_token, id_token)::text
                FROM sessions ORDER BY created_at
                """
            )
            #expect(rows == [["replaced", "0"], ["provider", "0"]])
        }
    }

    @Test("RF-10 a sealed value moved to another row, column or deployment makes its session none, with a warning")
    func movedValues() async throws {
        try await StoreFixture.with { fixture in
            let moves = [
                "access_token = (SELECT access_token FROM sessions WHERE sub = 'mallory')",
                "access_token = refresh_token",
                "access_token = left(access_token, -4)",
                "access_token = overlay(access_token PLACING 'AAAA' FROM 100)",
                "access_token = 's1.AAAAAAAA.' || split_part(access_token, '.', 3)",
            ]
            let manager = fixture.manager()
            let mallory = UserKey(tenantID: "acme", issuer: "https://id.example", subject: "mallory")
            _ = try await manager.completeLogin(login(mallory), replacing: nil)
            for move in moves {
                let session = try await manager.completeLogin(login(), replacing: nil)
                #expect(try await manager.getSession(session.id) != nil)
                try await fixture.execute("UPDATE sessions SET \(move) WHERE id = '\(session.id.rowKey)'")
                #expect(try await manager.getSession(session.id) == nil)
                #expect(try await manager.getSession(session.id) == nil)
                #expect(fixture.log.count(session.handle.rawValue, level: .warning) == 1, "it is logged once")
                #expect(try await fixture.text("SELECT 1::text FROM sessions WHERE id = '\(session.id.rowKey)'") == "1")
            }
            #expect(!fixture.log.all.joined().contains("MARKED"))
        }
    }

    @Test("SS-15 a row that a newer version has sealed is none here, and stays for those who can read it")
    func newerVersion() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let session = try await manager.completeLogin(login(), replacing: nil)
            let newer = "access_token = overlay(access_token PLACING 's2.' FROM 1)"
            try await fixture.execute("UPDATE sessions SET \(newer) WHERE id = '\(session.id.rowKey)'")
            #expect(try await manager.getSession(session.id) == nil)
            #expect(try await fixture.text("SELECT left(access_token, 3) FROM sessions") == "s2.")
        }
    }

    @Test("CB-24 what a dump has of a started login finishes none: its id and its state are digests there")
    func digests() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let pending = try await manager.beginLogin(startedLogin())
            let rows = try await fixture.texts("SELECT id, state FROM sessions WHERE kind = 'login'")
            let row = try #require(rows.first).compactMap { $0 }
            #expect(row.count == 2 && row.allSatisfy { $0.utf8.count == 64 })
            for stolen in row {
                #expect(try await manager.claimLogin(pending.id, state: Secret(stolen)) == nil)
                #expect(PendingLoginID(stolen) == nil)
            }
            #expect(try await manager.claimLogin(pending.id, state: Secret("MARKED-state")) != nil)
        }
    }

    @Test("RB-23 a row whose key left the ring is none, isn't deleted, and lives again when the key is back")
    func missingKey() async throws {
        try await StoreFixture.with { fixture in
            let session = try await fixture.manager().completeLogin(login(), replacing: nil)
            let pending = try await fixture.manager().beginLogin(startedLogin())
            try await fixture.replica(keyRing: try makeRing("b")) { other in
                let read = try await other.manager().getSession(session.id)
                #expect(read?.id == nil)
                let claimed = try await other.manager().claimLogin(pending.id, state: Secret("MARKED-state"))
                #expect(claimed?.id == nil)
            }
            #expect(try await fixture.manager().getSession(session.id)?.subject == "alice")
        }
    }

    @Test("errors of the store name no value")
    func errors() async throws {
        try await StoreFixture.with { fixture in
            let session = try await fixture.store.create(
                NewSession(attributes: fixture.marked),
                replacing: nil,
                policy: SessionPolicy()
            )
            let id = try #require(session).id
            var texts: [String] = []
            // A unique violation, whose DETAIL quotes the key; a check violation, whose DETAIL quotes the row.
            await texts.collect {
                let again = NewSession(id: id, attributes: fixture.marked)
                _ = try await fixture.store.create(again, replacing: nil, policy: SessionPolicy())
            }
            try await fixture.execute(
                "ALTER TABLE sessions ADD CONSTRAINT never CHECK (device_label IS NULL) NOT VALID"
            )
            await texts.collect {
                var update = SessionUpdate(accessToken: Secret("MARKED-update"))
                update.deviceLabel = .set("MARKED-label")
                _ = try await fixture.store.update(id, update, policy: SessionPolicy())
            }
            // NUL past the manager's own check.
            await texts.collect {
                var update = SessionUpdate()
                update.deviceLabel = .set("MARKED\0")
                _ = try await fixture.store.update(id, update, policy: SessionPolicy())
            }
            await texts.collect {
                var update = SessionUpdate()
                update.profile = ["MARKED\0": "MARKED"]
                _ = try await fixture.store.update(id, update, policy: SessionPolicy())
            }
            #expect(texts.count == 4, "all of them fail: \(texts)")
            for text in texts {
                #expect(!text.contains("MARKED"))
                #expect(!text.contains(id.rowKey))
                #expect(!text.contains(id.value.reveal()))
            }
            #expect(texts[2].contains("invalid_input") && texts[3].contains("invalid_input"))
        }
    }
}

extension StoreFixture {
    fileprivate var marked: SessionAttributes {
        var attributes = SessionAttributes()
        attributes.subject = "MARKED-subject"
        attributes.accessToken = Secret("MARKED-token")
        return attributes
    }
}

extension [String] {
    /// Everything that an error can be made to say.
    fileprivate mutating func collect(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            var text = "\(error) \(String(reflecting: error))"
            Swift.dump(error, to: &text)
            append(text)
        }
    }
}
