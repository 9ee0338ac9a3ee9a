import Foundation
import Glibc
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("oidc-sessions import")
struct ImportCommandTests {
    /// Auth.js over Prisma, in the application's database.
    private static func source(rows: Int) -> String {
        """
        CREATE TABLE "Account" (
            "userId" TEXT NOT NULL, "provider" TEXT NOT NULL, "providerAccountId" TEXT NOT NULL, "access_token" TEXT,
            "refresh_token" TEXT, "id_token" TEXT, "expires_at" INTEGER,
            CONSTRAINT "Account_pkey" PRIMARY KEY ("provider", "providerAccountId")
        );
        CREATE INDEX ON "Account" ("userId");
        CREATE TABLE "Session" (
            "sessionToken" TEXT NOT NULL PRIMARY KEY, "userId" TEXT NOT NULL, "expires" TIMESTAMP(3) NOT NULL
        );
        CREATE INDEX ON "Session" ("userId");
        INSERT INTO "Account" SELECT 'u' || n, 'corporate', 'sub-' || n, 'access-secret', 'refresh-secret', NULL, 2000000000
        FROM generate_series(1, \(rows)) AS n;
        INSERT INTO "Session" SELECT 'old-session-id-no-' || n, 'u' || n, timezone('UTC', now() + interval '7 days')
        FROM generate_series(1, \(rows)) AS n;
        INSERT INTO "Session" VALUES ('over-since-an-hour', 'u1', timezone('UTC', now() - interval '1 hour')),
            ('nobody-knows-this-one', 'u0', timezone('UTC', now() + interval '7 days'));
        """
    }

    private let arguments = ["import", "authjs", "--provider", "corporate", "--issuer", "https://login.example.com"]

    /// Two databases: the application's, and ours.
    ///
    /// The first is made by hand: tests that took two places at the turnstile would wait for each other.
    private func withDatabases(
        rows: Int = 20,
        _ body: (_ environment: [String: String], _ count: (String) async throws -> Int64) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withDatabase { uri in
            let server = try await TestDatabase.shared.server()
            let name = "application_" + UUID().uuidString.prefix(8).lowercased()
            let application = server.connectionString(database: name)
            try await withClient(uri) { client in
                try await client.write(PostgresStatement("CREATE DATABASE \(name)"))
                try await withClient(application) { client in
                    try await client.withDedicatedConnection { try await $0.execute(script: Self.source(rows: rows)) }
                }
                let environment = [
                    "DATABASE_URL": uri, "SESSION_SECRET": Program.secret, "IMPORT_DATABASE_URL": application,
                ]
                let count: (String) async throws -> Int64 = { sql in
                    try #require(try await client.read(PostgresStatement("SELECT count(*) FROM \(sql)")).first).int8(0)
                }
                let result: Result<Void, any Error>
                do {
                    result = .success(try await body(environment, count))
                } catch {
                    result = .failure(error)
                }
                try await client.write(PostgresStatement("DROP DATABASE \(name) WITH (FORCE)"))
                try result.get()
            }
        }
    }

    private func withClient<R: Sendable>(_ uri: String, _ body: (PostgresClient) async throws -> R) async throws -> R {
        var configuration = PostgresConfiguration(connectionString: Secret(uri))
        configuration.requestTimeout = .seconds(60)
        configuration.statementTimeout = .seconds(60)
        let logger = TestDatabase.silentLogger
        return try await PostgresClient.withClient(configuration: configuration, logger: logger, body)
    }

    @Test("A dry run counts, a run imports, a second one finds nothing, and no output has a token in it")
    func run() async throws {
        try await withDatabases { environment, count async throws in
            let dry = try await Program.run(arguments + ["--dry-run"], environment: environment)
            #expect(dry.exit == .code(0), "\(dry.errors)")
            #expect(dry.output.hasPrefix("Would import 20 of 22 rows\n"))
            #expect(try await count("sessions") == 0)

            let first = try await Program.run(arguments, environment: environment)
            #expect(first.output.hasPrefix("Imported 20 of 22 rows\n"))
            #expect(first.output.contains("noAccount: the user has no account of that provider"))
            #expect(first.output.contains("(users u0)"))
            let second = try await Program.run(arguments + ["--json"], environment: environment).json()
            #expect(second["imported"] as? Int == 0)
            #expect(second["known"] as? Int == 20)
            #expect(second["expired"] as? Int == 1)
            #expect(try await count("sessions WHERE access_token LIKE 's1.%' AND refresh_token LIKE 's1.%'") == 20)
            for outcome in [dry, first] {
                for secret in [
                    "access-secret", "refresh-secret", "old-session-id", "nobody-knows-this-one", Program.secret,
                ] {
                    #expect(!outcome.output.contains(secret) && !outcome.errors.contains(secret))
                }
            }
        }
    }

    @Test("Killed in the middle and started again, every session is there once")
    func killed() async throws {
        try await withDatabases(rows: 6_000) { environment, count async throws in
            try await RunningProgram.withProgram(arguments, environment: environment) { program in
                while try await count("sessions") == 0 {
                    try #require(program.process.exit == nil, "\(program.errors)")
                }
                #expect(await program.terminate(with: SIGKILL) == .signal(SIGKILL))
            }
            let before = try await count("sessions")
            #expect((1..<6_000).contains(before))
            let rest = try await Program.run(arguments + ["--json"], environment: environment).json()
            #expect(rest["imported"] as? Int == 6_000 - Int(before))
            #expect(try await count("sessions") == 6_000)
        }
    }

    @Test("An imported session's cookie is signed in at the server")
    func signedIn() async throws {
        try await withDatabases { environment, _ async throws in
            #expect(try await Program.run(arguments, environment: environment).exit == .code(0))
            let database = try #require(environment["DATABASE_URL"])
            var serving = Program.servingEnvironment(database: database)
            serving["SESSION_DOCUMENTED_COOKIE_NAME"] = "authjs.session-token"
            try await RunningProgram.withProgram(["serve"], environment: serving) { program in
                let address = try await program.wait(for: #"serves http://localhost:8080 on (127\.0\.0\.1:[0-9]+)"#)
                let origin = "http://\(address)"
                try await Browser.withBrowser { browser async throws in
                    try await browser.waitUntilReady(origin)
                    let stranger = try await browser.request(origin + "/session", accept: "application/json")
                    #expect(stranger.status == 401)
                    browser.set("authjs.session-token", "old-session-id-no-7", at: origin)
                    let page = try await browser.request(origin + "/session", accept: "application/json")
                    #expect(page.status == 200)
                    #expect(page.body.contains("\"sub-7\""))
                }
            }
        }
    }

    @Test(
        "What is wrong is one line that names what to change",
        arguments: [
            (["import", "authjs"], "--issuer: "), (["import", "lucia", "--issuer", "x"], "the system must be one of"),
            (["import", "authjs", "--issuer", "x", "--table", "a.b.c"], "--table: "),
            (["import", "better-auth", "--issuer", "https://x.example"], "IMPORT_DATABASE_URL (DATABASE_URL when it"),
            (["import", "better-auth", "--issuer", "https://x.example", "--table", "none"], "--table: no table none"),
            (["import", "documented", "--issuer", "https://x.example"], "--table: the name of the table is needed"),
            (
                ["import", "authjs", "--issuer", "https://x.example", "--provider", "corporat"],
                "--provider: no account in public.Account is of corporat; there are: corporate"
            ),
            (
                ["import", "authjs", "--issuer", "https://x.example", "--provider", "corporate", "--accounts", "none"],
                "--accounts: no table none"
            ),
            (
                ["import", "authjs", "--issuer", "https://x.example", "--time-zone", "Moon"],
                "--time-zone: the source's database knows no time zone Moon"
            ),
            (["import", "authjs", "--issuer", "not a url"], "--issuer: must be an https URL"),
            (["import", "authjs", "--issuer", "http://login.example.com"], "--issuer: must be an https URL"),
            (["import", "authjs", "--set", "IMPORT_DATABASE_URL=x"], "IMPORT_DATABASE_URL: --set would show it"),
        ]
    )
    func misused(arguments: [String], message: String) async throws {
        try await withDatabases { environment, _ in
            let outcome = try await Program.run(arguments, environment: environment)
            #expect(outcome.exit == .code(2))
            #expect(outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    @Test("An issuer that isn't the one that is served is remarked on")
    func otherIssuer() async throws {
        try await withDatabases { environment, _ in
            let dry = arguments + ["--dry-run"]
            for (issuer, isRemarked) in [("https://login.example.com", false), ("https://login.example.com/", true)] {
                let served = environment.merging(["OIDC_ISSUER": issuer]) { $1 }
                let outcome = try await Program.run(dry, environment: served)
                #expect(outcome.exit == .code(0))
                #expect(outcome.errors.contains("--issuer: ") == isRemarked, "\(outcome.errors)")
            }
        }
    }

    @Test("A source that is out of reach ends it with 75")
    func unreachable() async throws {
        try await withDatabases { environment, _ in
            var environment = environment
            environment["IMPORT_DATABASE_URL"] = "postgres://someone@127.0.0.1:9/none"
            let outcome = try await Program.run(arguments, environment: environment)
            #expect(outcome.exit == .code(75))
            #expect(outcome.errors.contains("IMPORT_DATABASE_URL"))
        }
    }
}
