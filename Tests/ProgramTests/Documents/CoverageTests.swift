import Foundation
import Testing

/// docs/coverage.md against the tests that there are.
@Suite("docs/coverage.md")
struct CoverageTests {
    /// The names of all tests that have one.
    static func testNames() throws -> Set<String> {
        let folder = Document.root.appending(path: "Tests")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        var names: Set<String> = []
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: #/@Test\(\s*"((?:[^"\\]|\\.)*)"/#) { names.insert(String(match.1)) }
        }
        return names
    }

    @Test("Every item has what it is here and a test, and every test that is named exists")
    func complete() throws {
        let names = try Self.testNames()
        #expect(names.count > 500)
        let rows = try Document("docs/coverage.md").rows.filter { $0.first != "item" }
        #expect(rows.count > 100)
        for row in rows {
            #expect(row.count == 3, "\(row)")
            let tests = row.count == 3 ? Document.codes(row[2]) : []
            #expect(!tests.isEmpty, "no test: \(row)")
            for test in tests { #expect(names.contains(test), "no such test: \(test)") }
        }
    }

    @Test("Every setting, path and flag of the documents' contract is in it")
    func items() throws {
        let items = try Document("docs/coverage.md").rows.compactMap(\.first).joined(separator: "\n")
        for name in [
            "SESSION_CLEANUP_INTERVAL_MINUTES", "MAX_SESSIONS_PER_USER", "SESSION_INACTIVITY_TIMEOUT_DAYS",
            "CLEAN_EXPIRED_TOKENS", "CLEAN_INACTIVE_SESSIONS", "ENFORCE_SESSION_LIMITS", "ENABLE_SESSION_CLEANUP_LOGS",
            "AUTOMATIC_SESSION_CLEANUP", "CLEANUP_ON_STARTUP", "BETTER_AUTH_SECRET", "BASE_URL", "DATABASE_URL",
            "CRON_SECRET", "SESSION_DURATION_HOURS", "CLEANUP_INTERVAL_MS", "--dry-run", "--verbose", "--stats",
            "GET /api/admin/sessions/stats", "GET /api/admin/sessions", "GET /api/admin/sessions/cleanup/status",
            "POST /api/admin/sessions/cleanup", "DELETE /api/admin/sessions", "POST /api/auth/admin/sessions/cleanup",
            "GET /api/auth/admin/sessions/stats", "POST /api/cron/cleanup-sessions", "GET /api/cron/cleanup-sessions",
            "getSessionStats", "cleanInactiveSessions", "enforceUserSessionLimit", "getAllSessions", "createSession",
            "getSession", "updateSession", "deleteSession", "updateUserRole", "updateUserProfile",
            "invalidateUserSessions", "getUserSessions", "revokeSession", "check-sessions.js",
            "cleanup-revoked-sessions.js", "cleanup-old-sessions.js", "vercel.json", "sessionData",
        ] {
            #expect(items.contains(name), "\(name)")
        }
    }
}
