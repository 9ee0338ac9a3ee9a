import Foundation
import PostgresPipeline
import Secrets
import SessionStoreConformance
import Sessions
import TestSupport
import Testing

/// The contract on databases that somebody set up in their own way.
@Suite("Databases with settings of their own")
struct OddDatabaseTests {
    struct Oddity: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var creation: [String] = []
        var settings: [String] = []
    }

    static let oddities = [
        Oddity(
            testDescription: "RK-05 another time zone, and other forms of dates, intervals and bytes",
            settings: [
                "timezone = 'Pacific/Chatham'", "DateStyle = 'German, DMY'", "IntervalStyle = 'sql_standard'",
                "bytea_output = 'escape'", "extra_float_digits = -5", "standard_conforming_strings = off",
            ]
        ),
        Oddity(testDescription: "RB-07 serializable", settings: ["default_transaction_isolation = 'serializable'"]),
        Oddity(
            testDescription: "RB-07 repeatable read",
            settings: ["default_transaction_isolation = 'repeatable read'"]
        ),
        Oddity(
            testDescription: "RB-24 Turkish by ICU",
            creation: ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=tr-TR", "--locale=C"]
        ),
        Oddity(testDescription: "RB-24 C.UTF-8", creation: ["--encoding=UTF8", "--locale=C.UTF-8"]),
    ]

    private static func withDatabase(_ oddity: Oddity, _ body: (String) async throws -> Void) async throws {
        try await TestDatabase.shared.withDatabase(migrated: false, creation: oddity.creation) { uri in
            let configuration = PostgresConfiguration(connectionString: Secret(uri))
            try await PostgresClient.withClient(configuration: configuration, logger: TestDatabase.silentLogger) {
                for setting in oddity.settings {
                    let alteration = """
                        DO $do$
                        BEGIN
                            EXECUTE format('ALTER DATABASE %I SET ', current_database()) || $setting$\(setting)$setting$;
                        END
                        $do$
                        """
                    try await $0.write(PostgresStatement(alteration))
                }
            }
            try await TestDatabase.migrate(uri)
            try await body(uri)
        }
    }

    @Test("the store keeps its contract", arguments: oddities)
    func contract(oddity: Oddity) async throws {
        try await Self.withDatabase(oddity) { uri in
            try await StoreFixture.connected(to: uri) { fixture in
                for check in SessionStoreConformance.checks {
                    try await fixture.execute("TRUNCATE sessions, audit_log, logout_tokens")
                    do {
                        try await check.run(fixture.underTest)
                    } catch {
                        Issue.record("\(check): \(error)")
                    }
                }
            }
        }
    }

    @Test(
        "RB-07 promise 6: whatever isolation the database prefers, simultaneous logins of one user leave the limit",
        arguments: oddities[1...2]
    )
    func limit(oddity: Oddity) async throws {
        try await Self.withDatabase(oddity) { uri in
            try await StoreFixture.connected(to: uri, connections: 4) { fixture in
                try await fixture.replica(connections: 4) { other in
                    var policy = SessionPolicy()
                    policy.maximumSessionsPerUser = 3
                    let managers = [fixture.manager(policy), other.manager(policy)]
                    for _ in 0..<5 {
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for number in 0..<16 {
                                group.addTask {
                                    _ = try await managers[number % 2].completeLogin(login(), replacing: nil)
                                }
                            }
                            try await group.waitForAll()
                        }
                        try #require(try await managers[0].getUserSessions(alice).count == 3)
                    }
                }
            }
        }
    }
}
