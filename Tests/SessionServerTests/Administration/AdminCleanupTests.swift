import Foundation
import HTTPTypes
import HummingbirdTesting
import PostgresPipeline
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("The cleaner in administrators' hands")
struct AdminCleanupTests {
    private static let path = "/api/admin/sessions/cleanup"
    private static let older = "/api/auth/admin/sessions/cleanup"
    /// What cleaners of all versions hold while they are at it: "sessions" in ASCII.
    private static let cleaningLock: Int64 = 0x7365_7373_696F_6E73

    /// 3 active sessions, 4 expired ones, 2 revoked 40 days ago, 1 revoked just now.
    private func withRows(
        _ body: @Sendable (PostgresClient, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await StoredRows.insert(3, into: database, expired: false)
            try await StoredRows.insert(4, into: database, expired: true)
            try await StoredRows.insert(2, into: database, expired: false, revoked: true)
            try await StoredRows.age(days: 40, in: database, only: "revoked_at IS NOT NULL")
            try await StoredRows.insert(1, into: database, expired: false, revoked: true)
            try await site.application.application.test(.router) { try await body(database, $0) }
        }
    }

    private static func counts(_ response: TestResponse) throws -> [String: Int] {
        try #require(response.jsonObject["counts"] as? [String: Int])
    }

    @Test("Without a body the policy decides; the audit trail says who asked")
    func policy() async throws {
        try await withRows { database, client in
            let response = try await Operator.admin(client).send(.post, Self.path)
            #expect(response.status == .ok)
            #expect(response.jsonObject["deletedCount"] as? Int == 6)
            let counts = try Self.counts(response)
            #expect(counts["expiredSessions"] == 4)
            #expect(counts["revokedSessions"] == 2)
            #expect(try await StoredRows.count(in: database) == 4)
            let audit = try await StoredRows.audit(in: database)
            let row = try #require(audit.first { $0.hasPrefix("SESSION_CLEANUP ") })
            #expect(row.contains(#""surface": "admin-api""#) && row.contains("token-"))
            #expect(!row.contains(Site.adminToken))
        }
    }

    @Test("The documented body is understood, and each of its switches does what it says")
    func documentedBody() async throws {
        try await withRows { database, client in
            let admin = Operator.admin(client)
            let nothing = #"{"cleanExpiredTokens":false,"cleanInactiveSessions":false,"enforceSessionLimits":false}"#
            let none = try await admin.send(.post, Self.path, body: nothing)
            #expect(none.jsonObject["deletedCount"] as? Int == 0)
            #expect(try await StoredRows.count(in: database) == 10)
            let all = """
                {"cleanExpiredTokens": true, "cleanInactiveSessions": true, "inactivityDays": 30,
                 "enforceSessionLimits": true}
                """
            let response = try await admin.send(.post, Self.path, body: all)
            #expect(response.jsonObject["deletedCount"] as? Int == 6)
            #expect(try await StoredRows.count(in: database) == 4)
        }
    }

    @Test("A number of days alone asks for inactive sessions of that age")
    func inactivityDays() async throws {
        try await withRows { database, client in
            try await StoredRows.extend(in: database)
            try await StoredRows.age(days: 20, in: database, only: "revoked_at IS NULL")
            let admin = Operator.admin(client)
            let others = #""cleanExpiredTokens":false,"enforceSessionLimits":false"#
            let kept = try await admin.send(.post, Self.path, body: "{\(others),\"inactivityDays\":21}")
            #expect(try Self.counts(kept)["inactiveSessions"] == 0)
            let off = #"{"inactivityDays":19,"cleanInactiveSessions":false,"cleanExpiredTokens":false}"#
            let untouched = try await admin.send(.post, Self.path, body: off)
            #expect(try Self.counts(untouched)["inactiveSessions"] == 0)
            let gone = try await admin.send(.post, Self.path, body: "{\(others),\"inactivityDays\":19}")
            #expect(try Self.counts(gone)["inactiveSessions"] == 7)
        }
    }

    @Test("A dry run counts, and changes nothing")
    func dryRun() async throws {
        try await withRows { database, client in
            let before = try await StoredRows.snapshot(of: database)
            let response = try await Operator.admin(client).send(.post, Self.path, body: #"{"dryRun":true}"#)
            #expect(response.jsonObject["dryRun"] as? Bool == true)
            #expect(try Self.counts(response)["expiredSessions"] == 4)
            let older = try await Operator.admin(client).send(.post, Self.older + "?dryRun=true")
            #expect(older.jsonObject["deletedCount"] as? Int == 6)
            #expect(older.json["message"] == "Would have cleaned up 6 expired/old sessions")
            #expect(try await StoredRows.snapshot(of: database) == before)
        }
    }

    @Test("The older path deletes what expired and what was revoked longer ago, in the documented words")
    func olderPath() async throws {
        for (query, count) in [
            ("", 6), ("?olderThanDays=30&includeActive=false", 6), ("?olderThanDays=41", 4), ("?olderThanDays=0", 7),
            ("?olderThanDays=1&includeActive=true", 6),
        ] {
            try await withRows { database, client in
                let response = try await Operator.admin(client).send(.post, Self.older + query)
                #expect(response.jsonObject["deletedCount"] as? Int == count)
                #expect(response.json["message"] == "Successfully cleaned up \(count) expired/old sessions")
                #expect(try await StoredRows.count(in: database) == 10 - count)
            }
        }
    }

    @Test("The older path ends active sessions of the given age when asked to, and never all of them")
    func includeActive() async throws {
        try await withRows { database, client in
            try await StoredRows.age(days: 2, in: database, only: "revoked_at IS NULL AND sub = 'user-1'", use: false)
            let admin = Operator.admin(client)
            let all = try await admin.send(.post, Self.older + "?olderThanDays=0&includeActive=true")
            #expect(all.status == .badRequest)
            #expect(try await StoredRows.count(in: database) == 10)
            let response = try await admin.send(.post, Self.older + "?olderThanDays=1&includeActive=true")
            // 4 expired, 2 revoked, 1 active.
            #expect(response.jsonObject["deletedCount"] as? Int == 7)
            #expect(try await StoredRows.count(in: database) == 3)
        }
    }

    @Test("The status tells the last run of any replica, and the next of this one")
    func status() async throws {
        try await withRows { _, client in
            let admin = Operator.admin(client)
            let before = try await admin.get(Self.path + "/status")
            #expect(before.status == .ok)
            #expect(before.jsonObject["lastRun"] is NSNull)
            #expect(before.jsonObject["isRunning"] as? Bool == false)
            _ = try await admin.send(.post, Self.path)
            let after = try await admin.get(Self.path + "/status")
            let run = try #require(after.jsonObject["lastRun"] as? [String: Any])
            #expect(run["deletedCount"] as? Int == 6)
            #expect((run["counts"] as? [String: Int])?["expiredSessions"] == 4)
        }
    }

    @Test("While another cleanup runs, one that was asked for is refused, not pretended")
    func busy() async throws {
        try await withRows { database, client in
            try await database.withDedicatedConnection { connection in
                #expect(try await connection.tryAdvisoryLock(Self.cleaningLock))
                for path in [Self.path, Self.older] {
                    let response = try await Operator.admin(client).send(.post, path)
                    #expect(response.status == .conflict)
                    #expect(response.json["error"] == "cleanup_running")
                    #expect(response.headers[.retryAfter] != nil)
                }
                let cron = try await Operator.cron(client).send(.post, "/api/cron/cleanup-sessions")
                #expect(cron.status == .accepted)
            }
            #expect(try await StoredRows.count(in: database) == 10)
        }
    }
}
