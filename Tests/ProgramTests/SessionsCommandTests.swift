import Foundation
import PostgresPipeline
import PrivatePostgres
import TestSupport
import Testing

@Suite("oidc-sessions sessions")
struct SessionsCommandTests {
    private func jsonLines(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test("list shows the last 30, the newest first; --limit and --all show more")
    func list() async throws {
        try await ProgramDatabase.withDatabase { database in
            let handles = try await database.addSessions((1...1200).map { "n\($0)" }, subject: "ada")
            let usual = try await database.run("sessions", "list")
            #expect(usual.exit == .code(0))
            let lines = usual.output.split(separator: "\n").map(String.init)
            #expect(lines.count == 31)
            #expect(lines[0].hasPrefix("HANDLE"))
            #expect(lines.dropFirst().map { String($0.prefix(32)) } == Array(handles.reversed().prefix(30)))
            #expect(usual.errors.contains("--all"))
            #expect(try await database.run("sessions", "list", "--limit", "2").output.split(separator: "\n").count == 3)
            let all = try await database.run("sessions", "list", "--all", "--json")
            #expect(try jsonLines(all.output).compactMap { $0["handle"] as? String } == handles.reversed())
            #expect(all.errors == "")
        }
    }

    @Test("list filters by user, issuer, tenant, state and age, each exactly")
    func filters() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(["a1", "a2"], subject: "ada")
            try await database.addSessions(["b1"], subject: "ada", issuer: "https://other.example.com", tenant: "acme")
            try await database.addSessions(
                ["c1"],
                subject: "grace",
                set: "created_at = now() - interval '9 d', revoked_at = now(), revoked_reason = 'logout'"
            )
            try await database.addSessions(["d1"], subject: "grace", set: "last_accessed_at = now() - interval '2 h'")
            let profile = #"{"email": "Ada@Example.com"}"#
            try await database.execute("UPDATE sessions SET profile = '\(profile)' WHERE sub = 'ada'")
            func count(_ arguments: String...) async throws -> Int {
                let outcome = try await Program.run(
                    ["sessions", "list", "--json"] + arguments,
                    environment: ["DATABASE_URL": database.uri]
                )
                #expect(outcome.exit == .code(0), "\(outcome.errors)")
                return try jsonLines(outcome.output).count
            }
            #expect(try await count() == 5)
            #expect(try await count("--user", "ada") == 3)
            #expect(try await count("--user", "ad%") == 0)
            #expect(try await count("--email", "ada@example.com") == 3)
            #expect(try await count("--email", "ADA@example.com", "--tenant", "acme") == 1)
            #expect(try await count("--email", "ada@example") == 0)
            #expect(try await count("--issuer", "https://other.example.com") == 1)
            #expect(try await count("--tenant", "acme") == 1)
            #expect(try await count("--tenant", "") == 4)
            #expect(try await count("--state", "revoked") == 1)
            #expect(try await count("--state", "revoked", "--state", "expired") == 2)
            #expect(try await count("--older-than-days", "7") == 1)
            // A process of one tenant sees no other.
            let environment = ["SESSION_TENANT_ID": "acme"]
            let scoped = try await database.run("sessions", "list", "--json", environment: environment)
            #expect(try jsonLines(scoped.output).count == 1)
        }
    }

    @Test("AD-06 nothing that is shown can be used: no token, no id, no digest beyond the handle")
    func nothingSecret() async throws {
        try await ProgramDatabase.withDatabase { database in
            let handle = try #require(
                try await database.addSessions(
                    ["s1"],
                    subject: "ada",
                    set:
                        "access_token = 'marker-1', refresh_token = 'marker-2', id_token = 'marker-3', nonce = 'marker-4'"
                ).first
            )
            let id = try #require(try await database.texts("SELECT id::text FROM sessions").first)
            for arguments in [["list"], ["list", "--json"], ["show", handle], ["show", "--json", handle]] {
                let outcome = try await Program.run(
                    ["sessions"] + arguments,
                    environment: ["DATABASE_URL": database.uri]
                )
                #expect(outcome.exit == .code(0))
                #expect(outcome.output.contains(handle))
                #expect(!outcome.output.contains("marker"))
                #expect(!outcome.output.contains(id))
            }
        }
    }

    @Test("AD-13 what strangers wrote can't control the terminal, and programs still get it as it was")
    func hostileText() async throws {
        let hostile =
            "\u{1B}[2J\u{1B}]0;owned\u{7}Moz\r\nFAKE LINE\u{9B}31m\u{202E}desrever\u{2066}\u{200B}\u{2028}end\u{85}"
        try await ProgramDatabase.withDatabase { database in
            let handle = try #require(
                try await database.addSessions(["h1"], subject: hostile, issuer: hostile, tenant: hostile).first
            )
            let statement = PostgresStatement(
                "UPDATE sessions SET user_agent = $1, ip_address = $1, device_label = $1, roles = jsonb_build_array($1)",
                parameters: [.text]
            )
            try await database.client.write(statement, [.text(hostile)])
            let commands = [
                ["list"], ["list", "--json"], ["show", handle], ["show", "--json", handle], ["stats", "--by-user"],
                ["stats", "--by-user", "--json"], ["revoke-user", hostile, "--dry-run"], ["revoke-user", hostile],
            ]
            for arguments in commands {
                let outcome = try await Program.run(
                    ["sessions"] + arguments,
                    environment: ["DATABASE_URL": database.uri]
                )
                #expect(outcome.exit == .code(0), "\(arguments): \(outcome.errors)")
                let controls = (outcome.output + outcome.errors).unicodeScalars.filter { scalar in
                    let category = scalar.properties.generalCategory
                    return scalar != "\n"
                        && [.control, .format, .lineSeparator, .paragraphSeparator].contains(category)
                }
                #expect(controls.isEmpty, "\(arguments): \(controls)")
                #expect(!outcome.output.contains("\nFAKE LINE"))
            }
            let shown = try await database.run("sessions", "show", "--json", handle).json()
            #expect(shown["userAgent"] as? String == hostile)
        }
    }

    @Test("AD-11 revoke-user takes the subject as it is: % and _ are characters, and so is a regular expression")
    func exactSubject() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(["a1"], subject: "ada")
            try await database.addSessions(["a2"], subject: "adb")
            try await database.addSessions(["a3"], subject: "%")
            for pattern in ["ad_", "ad%", "ad.", ".*", "^ada$", "ADA", "ada "] {
                let outcome = try await database.run("sessions", "revoke-user", pattern)
                #expect(outcome.exit == .code(1))
                #expect(outcome.output == "")
                #expect(outcome.errors.contains("\(pattern): no active session has this subject"), "\(outcome.errors)")
            }
            let percent = try await database.run("sessions", "revoke-user", "%")
            #expect(percent.output == "Revoked 1 session of %\n")
            #expect(
                try await database.texts("SELECT sub::text FROM sessions WHERE revoked_at IS NULL ORDER BY 1") == [
                    "ada", "adb",
                ]
            )
            #expect(try await database.run("sessions", "revoke-user", "").exit != .code(0))
            #expect(try await database.number("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 2)
        }
    }

    @Test("revoke-user of somebody without a session is 1, for programs too, and leaves nothing in the audit trail")
    func nobody() async throws {
        try await ProgramDatabase.withDatabase { database in
            for arguments in [["--json"], ["--dry-run"]] {
                let outcome = try await Program.run(
                    ["sessions", "revoke-user", "ada@example.com"] + arguments,
                    environment: ["DATABASE_URL": database.uri]
                )
                #expect(outcome.exit == .code(1))
                #expect(outcome.errors.contains("not the e-mail address"))
                if arguments == ["--json"] { #expect(try outcome.json()["endedCount"] as? Int == 0) }
            }
            #expect(try await database.number("SELECT count(*) FROM audit_log") == 0)
        }
    }

    @Test("show of a revoked session says nothing of tokens that are gone")
    func revokedTokens() async throws {
        try await ProgramDatabase.withDatabase { database in
            let columns = "access_token = 's1.x', token_expires_at = now() + interval '1 h', seal_key_id = 'key-1'"
            let handle = try #require(try await database.addSessions(["a1"], subject: "ada", set: columns).first)
            let alive = try await database.run("sessions", "show", handle).output
            #expect(alive.contains("access token") && alive.contains("key-1"))
            #expect(try await database.run("sessions", "revoke", handle).exit == .code(0))
            let text = try await database.run("sessions", "show", handle).output
            #expect(text.contains("revoked"))
            #expect(!text.contains("access token") && !text.contains("key-1"), "\(text)")
            let json = try await database.run("sessions", "show", "--json", handle).json()
            #expect(json["accessTokenExpiresAt"] == nil && json["sealKeyId"] == nil)
        }
    }

    @Test("revoke-user with several issuers lists them and ends nothing until one is named")
    func severalIssuers() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(["a1", "a2"], subject: "ada")
            try await database.addSessions(["b1"], subject: "ada", issuer: "https://other.example.com")
            try await database.addSessions(["c1"], subject: "ada", issuer: "https://other.example.com", tenant: "acme")
            let refused = try await database.run("sessions", "revoke-user", "ada")
            #expect(refused.exit == .code(2))
            #expect(refused.errors.contains("say --issuer and --tenant"))
            #expect(refused.errors.contains("--issuer https://login.example.com: 2 active"))
            #expect(refused.errors.contains("--issuer https://other.example.com --tenant acme: 1 active"))
            #expect(try await database.number("SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL") == 0)
            let login = ["--issuer", "https://login.example.com"]
            let named = try await database.run("sessions", "revoke-user", "ada", login[0], login[1])
            #expect(named.output == "Revoked 2 sessions of ada\n")
            let tenant = try await database.run("sessions", "revoke-user", "ada", "--tenant", "acme", "--json").json()
            #expect(tenant["endedCount"] as? Int == 1)
            #expect(try await database.number("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 1)
        }
    }

    @Test("revoke-user leaves --except alone, --dry-run leaves everything alone, and the audit trail has who asked")
    func exceptAndDryRun() async throws {
        try await ProgramDatabase.withDatabase { database in
            let handles = try await database.addSessions(["a1", "a2", "a3"], subject: "ada")
            let dry = try await database.run("sessions", "revoke-user", "ada", "--dry-run")
            #expect(dry.output.hasPrefix("Would revoke 3 sessions of ada\n"))
            for handle in handles { #expect(dry.output.contains(handle)) }
            #expect(try await database.number("SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL") == 0)
            #expect(try await database.number("SELECT count(*) FROM audit_log") == 0)
            let some = try await database.run("sessions", "revoke-user", "ada", "--except", handles[1])
            #expect(some.output == "Revoked 2 sessions of ada\n")
            let left = try await database.texts("SELECT left(id, 32) FROM sessions WHERE revoked_at IS NULL")
            #expect(left == [handles[1]])
            let rest = try await database.run("sessions", "revoke-user", "ada")
            #expect(rest.output == "Revoked 1 session of ada\n")
            let names = try await database.texts("SELECT DISTINCT details #>> '{by,name}' FROM audit_log")
            #expect(names.count == 1)
            #expect(names.first?.contains(ProcessInfo.processInfo.hostName) == true)
            #expect(try await database.texts("SELECT DISTINCT details #>> '{by,surface}' FROM audit_log") == ["cli"])
        }
    }

    @Test("RX-03 revoke-all ends every session, of which a server with longer lifetimes may think that it lives, too")
    func everybody() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(["a1"], subject: "ada", set: "created_at = now() - interval '90 days'")
            try await database.addSessions(["b1", "b2"], subject: "grace", tenant: "acme")
            try await database.execute("UPDATE sessions SET last_accessed_at = now() - interval '20 days'")
            try await database.addSessions(["n1"], subject: "new")
            let dry = try await database.run("sessions", "revoke-all", "--dry-run")
            #expect(dry.output == "Would revoke 4 sessions\n", "\(dry.errors)")
            #expect(try await database.number("SELECT count(*) FROM audit_log") == 0)
            let tenant = try await database.run("sessions", "revoke-all", "--tenant", "acme", "--json").json()
            #expect(tenant["endedCount"] as? Int == 2)
            let old = try await database.run("sessions", "revoke-all", "--created-before", "2020-01-01T00:00:00+01:00")
            #expect(old.output == "Revoked 0 sessions\n", "\(old.errors)")
            let all = try await database.run("sessions", "revoke-all")
            #expect(all.output == "Revoked 2 sessions\n", "\(all.errors)")
            #expect(try await database.number("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 0)
            let reasons = try await database.texts("SELECT DISTINCT revoked_reason::text FROM sessions")
            #expect(reasons == ["invalidated"])
            let who = "SELECT DISTINCT details #>> '{by,surface}' FROM audit_log WHERE action = 'SESSIONS_ENDED'"
            #expect(try await database.texts(who) == ["cli"])
        }
    }

    @Test(
        "where its input is a terminal revoke-all says how many there are, and only a yes is one",
        arguments: [
            (["--yes"], "", nil, 0), ([], "y\n", nil, 0), ([], "YES\n", nil, 0), ([], "\n", nil, 1),
            ([], "n\n", nil, 1), ([], "yesterday\n", nil, 1), ([], "\u{4}", nil, 1), ([], "y\n", "/dev/null", 2),
            (["--yes"], "", "/dev/null", 0),
        ] as [([String], String, String?, Int32)]
    )
    func asks(_ flags: [String], _ typed: String, _ errors: String?, _ exit: Int32) async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(["a1", "a2"], subject: "ada")
            try await database.addSessions(["b1"], subject: "grace", tenant: "acme")
            let outcome = try await PseudoTerminal.run(
                ["sessions", "revoke-all", "--tenant", ""] + flags,
                typing: typed,
                errors: errors,
                environment: ["DATABASE_URL": database.uri]
            )
            #expect(outcome.exit == .code(exit), "\(outcome.shown)")
            let isAsked = outcome.shown.contains("End all active sessions, 2 at the moment? [y/N] ")
            #expect(isAsked == (flags.isEmpty && errors == nil), "\(outcome.shown)")
            #expect(outcome.shown.contains("Revoked 2 sessions\n") == (exit == 0), "\(outcome.shown)")
            #expect(outcome.shown.contains("Nothing was ended.\n") == (exit == 1), "\(outcome.shown)")
            let left = try await database.number("SELECT count(*) FROM sessions WHERE revoked_at IS NULL")
            #expect(left == (exit == 0 ? 1 : 3))
            let none = try await PseudoTerminal.run(
                ["sessions", "revoke-all", "--tenant", "nobody"],
                typing: "",
                environment: ["DATABASE_URL": database.uri]
            )
            #expect(none.shown == "Revoked 0 sessions\n")
        }
    }

    @Test("revoke and revoke-user end what has been idle for longer than the shell's settings say")
    func idle() async throws {
        try await ProgramDatabase.withDatabase { database in
            let handles = try await database.addSessions(
                ["a1", "a2"],
                subject: "ada",
                set: "last_accessed_at = now() - interval '5 hours'"
            )
            #expect(try await database.run("sessions", "revoke", handles[0]).output == "revoked \(handles[0])\n")
            #expect(try await database.run("sessions", "revoke-user", "ada").output == "Revoked 1 session of ada\n")
        }
    }

    @Test("revoke ends the sessions of handles; what is over or unknown is said, with exit code 1")
    func revoke() async throws {
        try await ProgramDatabase.withDatabase { database in
            let handles = try await database.addSessions(["a1", "a2"], subject: "ada")
            let first = try await database.run("sessions", "revoke", handles[0])
            #expect(first.exit == .code(0))
            #expect(first.output == "revoked \(handles[0])\n")
            let unknown = String(repeating: "0", count: 32)
            let mixed = try await database.run("sessions", "revoke", handles[0], handles[1], unknown)
            #expect(mixed.exit == .code(1))
            #expect(mixed.output == "revoked \(handles[1])\n")
            #expect(mixed.errors.contains("\(handles[0]): is revoked"))
            #expect(mixed.errors.contains("\(unknown): there is no such session"))
            let shown = try await database.run("sessions", "show", "--json", handles[0]).json()
            #expect(shown["state"] as? String == "revoked")
            #expect(shown["revocationReason"] as? String == "revoked")
            #expect(try await database.texts("SELECT DISTINCT details #>> '{by,surface}' FROM audit_log") == ["cli"])
        }
    }

    @Test("show and revoke refuse what is no handle, and say when there is no such session")
    func noSession() async throws {
        try await ProgramDatabase.withDatabase { database in
            for handle in ["%", "abc", String(repeating: "G", count: 32), String(repeating: "a", count: 64)] {
                #expect(try await database.run("sessions", "show", handle).exit == .code(2))
                #expect(try await database.run("sessions", "revoke", handle).exit == .code(2))
            }
            let outcome = try await database.run("sessions", "show", String(repeating: "a", count: 32))
            #expect(outcome.exit == .code(1))
            #expect(outcome.errorLines.count == 1)
        }
    }

    @Test("stats counts by state, tenant and user")
    func stats() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(["a1", "a2", "a3"], subject: "ada", tenant: "acme")
            try await database.addSessions(
                ["b1"],
                subject: "grace",
                set: "revoked_at = now(), revoked_reason = 'logout'"
            )
            let text = try await database.run("sessions", "stats", "--by-user")
            #expect(text.exit == .code(0))
            #expect(text.output.hasPrefix("Session Stats - Total: 4, Active: 3, Expired: 0, Revoked: 1\n"))
            #expect(text.output.contains("Active in tenant acme: 3\n"))
            #expect(text.output.contains(#/\nada +https:\/\/login\.example\.com +acme +3 +3 +0 /#))
            let json = try await database.run("sessions", "stats", "--by-user", "--json").json()
            // As over HTTP; users and the two moments are told here only.
            #expect(
                Set(json.keys) == [
                    "totalActiveSessions", "expiredSessions", "inactiveSessions", "sessionsByTenant", "revokedSessions",
                    "totalSessions", "pendingLogins", "timestamp", "users", "oldestExpiry", "newestExpiry",
                ]
            )
            let lines = try await database.run("sessions", "list", "--json").output
            let line = try #require(try jsonLines(lines).first)
            #expect(
                Set(line.keys) == [
                    "handle", "state", "tenantId", "user", "issuer", "roles", "createdAt", "lastAccessedAt",
                    "expiresAt",
                    "hasRefreshToken", "revokedAt", "revocationReason",
                ]
            )
            let users = try #require(json["users"] as? [[String: Any]])
            #expect(users.compactMap { $0["user"] as? String } == ["ada", "grace"])
            #expect(users.compactMap { $0["revoked"] as? Int } == [0, 1])
            #expect(json["totalActiveSessions"] as? Int == 3)
            let tenant = try await database.run("sessions", "stats", "--tenant", "acme", "--json", "--by-user").json()
            #expect(tenant["totalSessions"] as? Int == 3)
            #expect((tenant["users"] as? [Any])?.count == 1)
            // A process of one tenant counts no other's users.
            let scope = ["SESSION_TENANT_ID": "acme"]
            let own = try await database.run("sessions", "stats", "--by-user", "--json", environment: scope).json()
            #expect((own["users"] as? [[String: Any]])?.compactMap { $0["user"] as? String } == ["ada"])
        }
    }

    @Test(
        "what makes no sense is refused with exit code 2",
        arguments: [
            ["list", "--all", "--limit", "3"], ["list", "--limit", "0"], ["list", "--state", "asleep"],
            ["list", "--older-than-days", "0"], ["stats", "--limit", "3"], ["show"], ["revoke"], ["revoke-user"],
            ["revoke-user", "ada", "--except", "short"], ["revoke-all", "--created-before", "yesterday"],
        ]
    )
    func refused(arguments: [String]) async throws {
        let outcome = try await Program.run(
            ["sessions"] + arguments,
            environment: ["DATABASE_URL": "postgresql://nobody@/none?host=%2Fnonexistent"]
        )
        #expect(outcome.exit == .code(2))
        #expect(outcome.output == "")
    }
}
