import Foundation
import Logging
import LoginFlow
import OpenIDConnect
import PostgresPipeline
import Secrets
import SessionServer
import Sessions
import Testing

@testable import oidc_sessions

@Suite("Settings are read strictly, and everything that is wrong is said at once")
struct SettingsTests {
    static let complete = [
        "DATABASE_URL": "postgres://app:pg-password-marker@db/app",
        "BASE_URL": "https://app.example.com",
        "SESSION_SECRET": "A7cJ+mD0oYkq3xHsuVtP5wZbLr8NeG1iQFfU2hKEdOg=",
        "OIDC_ISSUER": "https://login.example.com",
        "OIDC_CLIENT_ID": "app",
        "OIDC_CLIENT_SECRET": "client-secret-marker",
    ]

    @Test("the documented defaults are in force when only the necessary is set")
    func defaults() throws {
        let settings = try Settings.load(environment: Self.complete, needs: .serving)
        #expect(settings.policy == SessionPolicy())
        #expect(settings.listener == Settings.Listener(host: "127.0.0.1", port: 8080))
        #expect(settings.adminListener == Settings.Listener(host: "127.0.0.1", port: 8081))
        let provider = try #require(settings.provider)
        #expect(provider.redirectURI == "https://app.example.com/callback")
        #expect(provider.options.scopes == ["openid", "profile", "email"])
        #expect(settings.keyRing?.keyIDs.count == 1)
    }

    @Test("what links may ask for, and whether tokens are taken back, arrives where it belongs")
    func logins() throws {
        let usual = try Settings.load(environment: Self.complete, needs: .serving)
        #expect(try #require(usual.provider).options.revokesTokens)
        #expect(usual.loginParameters == [] && !usual.allowsThirdPartyLogin)
        let set = [
            "OIDC_REVOKE_TOKENS": "false", "OIDC_THIRD_PARTY_LOGIN": "true",
            "OIDC_LOGIN_PARAMETERS": "login_hint max_age",
        ]
        let settings = try Settings.load(environment: Self.complete.merging(set) { $1 }, needs: .serving)
        #expect(try #require(settings.provider).options.revokesTokens == false)
        #expect(settings.loginParameters == [.loginHint, .maximumAge] && settings.allowsThirdPartyLogin)
    }

    @Test("every setting of the policy arrives where it belongs")
    func policy() throws {
        var environment = Self.complete
        environment.merge(
            [
                "SESSION_DURATION_HOURS": "2", "SESSION_UPDATE_AGE_SECONDS": "60",
                "SESSION_REFRESH_EXTENSION_DAYS": "3", "SESSION_ABSOLUTE_DAYS": "9", "LOGIN_TTL_SECONDS": "120",
                "MAX_SESSIONS_PER_USER": "4", "SESSION_CLEANUP_INTERVAL_MINUTES": "60",
                "SESSION_INACTIVITY_TIMEOUT_DAYS": "5", "REVOKED_SESSION_RETENTION_DAYS": "6",
                "CLEAN_EXPIRED_TOKENS": "false", "CLEAN_INACTIVE_SESSIONS": "false",
                "ENFORCE_SESSION_LIMITS": "false", "ENABLE_SESSION_CLEANUP_LOGS": "false",
                "AUTOMATIC_SESSION_CLEANUP": "false", "CLEANUP_ON_STARTUP": "false",
                "ACTIVE_SESSIONS_WARNING": "7", "CLEANUP_DAILY_AT": "04:30", "CLEANUP_WEEKLY_AT": "wed 05:00",
                "AUDIT_LOG_RETENTION_DAYS": "forever", "ORPHAN_USERS_TABLE": "public.users.id",
                "SESSION_TENANT_ID": "acme", "LOGIN_MAXIMUM_PENDING": "2500",
            ]
        ) { $1 }
        let policy = try Settings.load(environment: environment, needs: .serving).policy
        #expect(policy.idleLifetime == .seconds(7_200))
        #expect(policy.updateAge == .seconds(60))
        #expect(policy.refreshExtension == .days(3))
        #expect(policy.absoluteLifetime == .days(9))
        #expect(policy.loginLifetime == .seconds(120))
        #expect(policy.maximumPendingLogins == 2500)
        #expect(policy.maximumSessionsPerUser == 4)
        #expect(policy.cleanupInterval == .seconds(3_600))
        #expect(policy.inactivityTimeout == .days(5))
        #expect(policy.revokedRetention == .days(6))
        #expect(policy.activeSessionsWarning == 7)
        #expect(policy.dailyCleanupAt.description == "04:30")
        #expect(policy.weeklyCleanupAt.description == "wed 05:00")
        #expect(policy.auditRetention == nil)
        #expect(try policy.orphanRule == OrphanRule(table: "public.users.id"))
        #expect(policy.tenantID == "acme")
        #expect(!policy.cleanExpiredTokens && !policy.cleanInactiveSessions && !policy.enforceSessionLimits)
        #expect(!policy.enableCleanupLogs && !policy.automaticCleanup && !policy.cleanupOnStartup)
    }

    @Test("an idle lifetime under an hour is set in minutes, and not in two units at once")
    func idleMinutes() throws {
        var environment = Self.complete
        environment["SESSION_DURATION_MINUTES"] = "30"
        #expect(try Settings.load(environment: environment, needs: .serving).policy.idleLifetime == .seconds(1800))
        // The last use is written every five minutes by default.
        environment["SESSION_DURATION_MINUTES"] = "5"
        let short = try #require(throws: SettingsError.self) {
            try Settings.load(environment: environment, needs: .serving)
        }
        #expect(short.problems.count == 1)
        let problem = "SESSION_UPDATE_AGE_SECONDS: must be shorter than SESSION_DURATION_MINUTES"
        #expect(short.problems.first?.hasPrefix(problem) == true)
        environment["SESSION_UPDATE_AGE_SECONDS"] = "60"
        #expect(try Settings.load(environment: environment, needs: .serving).policy.idleLifetime == .seconds(300))
        environment["SESSION_DURATION_HOURS"] = "1"
        let both = try #require(throws: SettingsError.self) {
            try Settings.load(environment: environment, needs: .serving)
        }
        #expect(both.problems == ["SESSION_DURATION_MINUTES: is set beside SESSION_DURATION_HOURS; keep one"])
    }

    @Test("settings of refreshes and addresses arrive where they belong")
    func refreshesAndAddresses() throws {
        let before = try Settings.load(environment: Self.complete, needs: .serving)
        #expect(before.flow.refreshesTokens && before.flow.refreshMargin == .seconds(30))
        #expect(before.addressStorage == .full && before.trustedProxies == .none)
        var environment = Self.complete
        environment["SESSION_REFRESH"] = "false"
        environment["SESSION_REFRESH_MARGIN_SECONDS"] = "90"
        environment["SESSION_ADDRESS_STORAGE"] = "truncated"
        environment["TRUSTED_PROXIES"] = "10.0.0.7, 192.168.0.0/16,2001:db8::/32"
        let after = try Settings.load(environment: environment, needs: .serving)
        #expect(!after.flow.refreshesTokens && after.flow.refreshMargin == .seconds(90))
        #expect(after.addressStorage == .truncated)
        #expect(after.trustedProxies.blocks.map(\.description) == ["10.0.0.7/32", "192.168.0.0/16", "2001:db8::/32"])
    }

    @Test(
        "RV-01 logins from one address are limited where addresses are browsers', and as somebody says",
        arguments: [
            (nil, nil, nil), (nil, "10.0.0.7", 600), ("off", "10.0.0.7", nil), ("60", "10.0.0.7", 60), ("60", nil, 60),
        ] as [(String?, String?, Int?)]
    )
    func loginRate(setting: String?, proxies: String?, expected: Int?) throws {
        var environment = Self.complete
        environment["LOGIN_RATE_PER_ADDRESS"] = setting
        environment["TRUSTED_PROXIES"] = proxies
        #expect(try Settings.load(environment: environment, needs: .serving).loginRate == expected)
    }

    @Test(
        "a malformed value is named, whatever else is right",
        arguments: [
            ("LOGIN_RATE_PER_ADDRESS", "0"), ("LOGIN_RATE_PER_ADDRESS", "none"), ("LOGIN_MAXIMUM_PENDING", "99"),
            ("SESSION_DURATION_HOURS", "1h"), ("SESSION_DURATION_HOURS", "0"), ("SESSION_DURATION_HOURS", "01"),
            ("SESSION_DURATION_HOURS", " 1"), ("SESSION_DURATION_HOURS", "1.5"), ("SESSION_DURATION_HOURS", "-1"),
            ("SESSION_DURATION_HOURS", "99999999999999999999999"), ("SESSION_UPDATE_AGE_SECONDS", "3600"),
            ("SESSION_DURATION_MINUTES", "0"), ("SESSION_DURATION_MINUTES", "30m"),
            ("MAX_SESSIONS_PER_USER", "0"), ("PORT", "65536"), ("PORT", "http"), ("HOST", "http://localhost"),
            ("AUTOMATIC_SESSION_CLEANUP", "yes"), ("AUTOMATIC_SESSION_CLEANUP", "TRUE"),
            ("BASE_URL", "http://app.example.com"), ("BASE_URL", "https://app.example.com/app"),
            ("BASE_URL", "https://user@app.example.com"), ("BASE_URL", "app.example.com"), ("BASE_URL", "https://"),
            ("OIDC_ISSUER", "http://login.example.com"), ("OIDC_ISSUER", "login.example.com"),
            ("OIDC_SCOPES", "profile email"), ("OIDC_TOKEN_AUTH_METHOD", "basic"),
            ("OIDC_ALLOWED_ALGORITHMS", "RS256 none"), ("OIDC_ALLOWED_ALGORITHMS", "HS256"),
            ("OIDC_CLOCK_SKEW_SECONDS", "300"), ("OIDC_TOKEN_AUTH_METHOD", "tls_client_auth"),
            ("OIDC_CLIENT_KEY", "key-marker"), ("OIDC_CLIENT_KEY_ID", "k1"), ("OIDC_CLIENT_KEY_ALGORITHM", "HS256"),
            ("OIDC_PUSHED_AUTHORIZATION", "automatic"),
            ("OIDC_CLIENT_ASSERTION_AUDIENCE", "https://a.example"), ("OIDC_DPOP_KEY", "key-marker"),
            ("OIDC_USERINFO_SIGNING_ALGORITHM", "none"), ("OIDC_MAX_AGE_SECONDS", "-1"),
            ("OIDC_MAX_AGE_SECONDS", "1h"), ("OIDC_ACR_VALUES", "a\u{E9}"), ("OIDC_PROMPT", "none login"),
            ("LOG_LEVEL", "verbose"), ("LOG_FORMAT", "xml"),
            ("SESSION_SECRET", "short"), ("SESSION_SECRET", "c2hvcnQ="),
            ("SESSION_SECRET", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("SESSION_SECRET", "cGFzc3dvcmRwYXNzd29yZHBhc3N3b3JkcGFzc3dvcmQ="),
            ("DATABASE_POOL_SIZE", "2"), ("CLEANUP_DAILY_AT", "24:00"), ("CLEANUP_DAILY_AT", "2am"),
            ("CLEANUP_WEEKLY_AT", "02:00"), ("CLEANUP_WEEKLY_AT", "xyz 02:00"), ("AUDIT_LOG_RETENTION_DAYS", "0"),
            ("AUDIT_LOG_RETENTION_DAYS", "never"), ("ORPHAN_USERS_TABLE", "users"),
            ("ORPHAN_USERS_TABLE", "users; DROP TABLE sessions"), ("ORPHAN_USERS_QUERY", "DELETE FROM users"),
            ("SESSION_TENANT_ID", "a\u{202E}b"), ("SESSION_TENANT_ID", String(repeating: "x", count: 256)),
            ("SESSION_REFRESH", "no"), ("SESSION_REFRESH_MARGIN_SECONDS", "-1"),
            ("SESSION_ADDRESS_STORAGE", "half"), ("TRUSTED_PROXIES", "proxy.example"),
            ("OIDC_REVOKE_TOKENS", "no"), ("OIDC_THIRD_PARTY_LOGIN", "on"),
            ("OIDC_LOGIN_PARAMETERS", "scope"), ("OIDC_LOGIN_PARAMETERS", "login_hint claims"),
            ("TRUSTED_PROXIES", "10.0.0.1/8"), ("TRUSTED_PROXIES", "10.0.0.1,"), ("TRUSTED_PROXIES", "*"),
        ]
    )
    func malformed(name: String, value: String) throws {
        var environment = Self.complete
        environment[name] = value
        let error = try #require(throws: SettingsError.self) {
            try Settings.load(environment: environment, needs: .serving)
        }
        #expect(error.problems.count == 1, "\(error)")
        #expect(error.problems.first?.hasPrefix("\(name): ") == true, "\(error)")
    }

    @Test("what is missing is named, all of it, with what to do")
    func missing() throws {
        let error = try #require(throws: SettingsError.self) { try Settings.load(environment: [:], needs: .serving) }
        let names = error.problems.compactMap { $0.split(separator: ":").first.map(String.init) }
        #expect(Set(names) == ["DATABASE_URL", "SESSION_SECRET", "BASE_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID"])
        #expect(error.description.contains("oidc-sessions keys generate"))
    }

    @Test("a command that needs only the database asks for nothing else, but still refuses what is malformed")
    func needs() throws {
        let database = ["DATABASE_URL": "postgres://db/app"]
        #expect(try Settings.load(environment: database, needs: .database).database != nil)
        #expect(throws: SettingsError.self) {
            try Settings.load(environment: database.merging(["PORT": "x"]) { $1 }, needs: .database)
        }
    }

    @Test(
        "a name that is no setting is refused with the nearest one",
        arguments: [
            ("SESSION_DURATION_HOUR", "SESSION_DURATION_HOURS"), ("OIDC_ISSUE", "OIDC_ISSUER"),
            ("SESSION_DURATION", "SESSION_DURATION_HOURS"), ("SESSION_COOKIE", "SESSION_COOKIE_NAME"),
            ("SESSION_SECRETS", "SESSION_SECRET"), ("OIDC_CLIENT_SECRETFILE", "OIDC_CLIENT_SECRET_FILE"),
        ]
    )
    func unknown(name: String, hint: String) throws {
        let error = try #require(throws: SettingsError.self) {
            try Settings.load(environment: Self.complete.merging([name: "x"]) { $1 }, needs: .serving)
        }
        #expect(error.problems == ["\(name): no such setting, in the environment; did you mean \(hint)?"])
    }

    @Test("what resembles no setting gets no hint at one")
    func unlike() throws {
        let error = try #require(throws: SettingsError.self) {
            try Settings.load(environment: [:], overrides: ["FOO": "1"], needs: [])
        }
        #expect(error.problems == ["FOO: no such setting, in --set"])
    }

    @Test("AUDIT_LOG_RETENTION_DAYS takes a word as well, and says so")
    func retentionForever() throws {
        let error = try #require(throws: SettingsError.self) {
            try Settings.load(environment: ["AUDIT_LOG_RETENTION_DAYS": "never"], needs: [])
        }
        #expect(
            error.problems
                == ["AUDIT_LOG_RETENTION_DAYS: must be a whole number of days from 1 to 36500, or forever"]
        )
    }

    @Test(
        "AD-16 a misspelt name stops the start even where names aren't ours alone",
        arguments: [
            ("CLEANUP_ON_STARTUPS", "CLEANUP_ON_STARTUP"), ("CLEAN_UP_ON_STARTUP", "CLEANUP_ON_STARTUP"),
            ("ADMIN_TOKENS", "ADMIN_TOKEN"), ("CRON_SECERT", "CRON_SECRET"), ("cron_secret", "CRON_SECRET"),
            ("MAX_SESSION_PER_USER", "MAX_SESSIONS_PER_USER"), ("DATABASE_POOLSIZE", "DATABASE_POOL_SIZE"),
            ("ADMIN_TOKENFILE", "ADMIN_TOKEN_FILE"), ("LOGIN_TTL_SECOND", "LOGIN_TTL_SECONDS"),
        ]
    )
    func nearMiss(name: String, hint: String) throws {
        let error = try #require(throws: SettingsError.self) {
            try Settings.load(environment: Self.complete.merging([name: "x"]) { $1 }, needs: .serving)
        }
        #expect(error.problems.count == 1, "\(error)")
        #expect(error.problems.first?.contains("\(name): no such setting") == true)
        #expect(error.problems.first?.contains("did you mean \(hint)?") == true, "\(error)")
    }

    @Test(
        "AD-16 names of other programs are left alone",
        arguments: [
            ["HOSTS": "x"], ["PORTS": "x"], ["HOME": "/"], ["POST": "x"], ["HOSTNAME": "pod"], ["DATABASE_USER": "x"],
            ["LOGNAME": "x"], ["PATH": "/bin"], ["ALLOWED_HOSTS": "*"], ["DATABASE_URI": "x"], ["PGPORT": "5432"],
            ["OIDC_SESSIONS_SERVICE_HOST": "10.0.0.1"], ["OIDC_SESSIONS_PORT": "tcp://10.0.0.1:80"],
            ["OIDC_SESSIONS_PORT_80_TCP_PORT": "80"], ["OIDC_SESSIONS_SERVICE_PORT_HTTP": "80"],
        ]
    )
    func foreign(names: [String: String]) throws {
        let settings = try Settings.load(environment: Self.complete.merging(names) { $1 }, needs: .serving)
        #expect(settings.warnings == [])
    }

    @Test("AD-16 a likeness that may be a coincidence is a warning, unless the setting itself is set")
    func warning() throws {
        let near = try Settings.load(environment: Self.complete.merging(["LOGLEVEL": "x"]) { $1 }, needs: .serving)
        #expect(near.warnings == ["LOGLEVEL: no such setting, in the environment; did you mean LOG_LEVEL?"])
        let both = Self.complete.merging(["LOGLEVEL": "x", "LOG_LEVEL": "info"]) { $1 }
        #expect(try Settings.load(environment: both, needs: .serving).warnings == [])
    }

    private static let token = "3xYl0mQd9v2Tz8JwUe7RbKq1HnGs5CfA"
    private static let otherToken = "b7d1c0e94f5a48d6a2639e8810f7c3b5"

    @Test("AD-16 bearer tokens: a list rotates")
    func bearerTokens() throws {
        let environment = Self.complete.merging(
            ["ADMIN_TOKEN": "\(Self.token), \(Self.token.lowercased())", "CRON_SECRET": Self.otherToken]
        ) { $1 }
        let settings = try Settings.load(environment: environment, needs: .serving)
        #expect(settings.adminTokens.map { $0.reveal() } == [Self.token, Self.token.lowercased()])
        #expect(settings.cronSecrets.map { $0.reveal() } == [Self.otherToken])
    }

    @Test(
        "AD-16 a weak bearer token, one that is there twice, or is another secret too, stops the start",
        arguments: [
            ("ADMIN_TOKEN", "short"), ("ADMIN_TOKEN", String(repeating: "a", count: 44)),
            ("ADMIN_TOKEN", "passwordpasswordpasswordpassword"), ("CRON_SECRET", "your-secure-random-string"),
            ("CRON_SECRET", "0123456789abcdef0123456789abcdef"),
            ("CRON_SECRET", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"),
            // Of few characters, though it repeats nothing.
            ("ADMIN_TOKEN", "gacegfbdgcaebfdgecafbgdacegbfdagcebf"),
            ("ADMIN_TOKEN", "\(token),"), ("ADMIN_TOKEN", "\(token),\(token)"), ("ADMIN_TOKEN", "\(token)\u{e4}"),
            ("ADMIN_TOKEN", "\(token) \(token)"), ("CRON_SECRET", otherToken),
            ("CRON_SECRET", "A7cJ+mD0oYkq3xHsuVtP5wZbLr8NeG1iQFfU2hKEdOg="),
            ("ADMIN_TOKEN", "cl1ent-secret-that-is-long-enough-for-it"),
        ]
    )
    func weakToken(name: String, value: String) throws {
        var environment = Self.complete
        environment["OIDC_CLIENT_SECRET"] = "cl1ent-secret-that-is-long-enough-for-it"
        environment["ADMIN_TOKEN"] = Self.otherToken
        environment[name] = value
        let error = try #require(throws: SettingsError.self) {
            try Settings.load(environment: environment, needs: .serving)
        }
        #expect(error.problems.count == 1, "\(error)")
        #expect(error.problems.first?.hasPrefix("\(name): ") == true, "\(error)")
        #expect(!error.description.contains(value))
    }

    @Test("a desktop's SESSION_MANAGER is not ours to refuse")
    func desktop() throws {
        let environment = Self.complete.merging(["SESSION_MANAGER": "local/host:@/tmp/.ICE-unix/1"]) { $1 }
        #expect(throws: Never.self) { try Settings.load(environment: environment, needs: .serving) }
    }

    @Test("AD-10 no problem and no description shows a secret")
    func redaction() throws {
        var environment = Self.complete
        environment["SESSION_SECRET"] = "session-secret-marker"
        environment["BETTER_AUTH_SECRET"] = "better-secret-marker"
        environment["PORT"] = "x"
        let error = try #require(throws: SettingsError.self) {
            try Settings.load(environment: environment, needs: .serving)
        }
        #expect(error.problems.count >= 2)
        #expect(!error.description.contains("marker"))
        var dumped = ""
        dump(try Settings.load(environment: Self.complete, needs: .serving), to: &dumped)
        #expect(!dumped.contains("marker"))
        #expect(!dumped.contains(try #require(Self.complete["SESSION_SECRET"])))
    }
}
