import Migrations
import PostgresPipeline
import Secrets
import TestSupport
import Testing

@Suite("Migrating a database")
struct MigratorTests {
    private let database = TestDatabase.shared

    @Test("An empty database is brought to the design; a second run has nothing to do")
    func emptyDatabase() async throws {
        try await database.withClient(migrated: false) { client in
            let migrator = Migrator(client, try .embedded())
            #expect(try await migrator.status().allSatisfy { $0.state == .pending })
            // Looking must not leave a table behind.
            #expect(try await client.number("SELECT count(*) FROM pg_class WHERE relname = 'schema_migrations'") == 0)

            let applied = try await migrator.up()
            #expect(applied.map(\.version) == (try MigrationSource.embedded().files.map(\.version)))
            try await migrator.verify()
            #expect(try await migrator.up() == [])
            #expect(try await migrator.status().map(\.state.word).allSatisfy { $0 == "applied" })
            #expect(try await client.number("SELECT count(*) FROM sessions") == 0)
            #expect(try await client.number("SELECT count(*) FROM audit_log") == 0)
        }
    }

    @Test("Two replicas that start at once apply each file once", .serialized, arguments: 0..<50)
    func twoReplicas(round: Int) async throws {
        try await database.withDatabase(migrated: false) { uri in
            // Not idempotent: a file that ran twice fails or leaves two rows.
            let files = try source([
                "1_log.sql": "CREATE TABLE log (n int); INSERT INTO log VALUES (1)",
                "2_more.sql": "INSERT INTO log VALUES (2); ALTER TABLE log ADD COLUMN t text",
            ])
            let applied = try await withThrowingTaskGroup(of: [Int32].self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let configuration = PostgresConfiguration(connectionString: Secret(uri))
                        return try await PostgresClient.withClient(
                            configuration: configuration,
                            logger: TestDatabase.silentLogger
                        ) { client in
                            try await Migrator(client, files).up().map(\.version)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == [1, 2])
        }
    }

    @Test("A file that was changed after it had been applied is refused, and nothing after it is applied")
    func editedFile() async throws {
        try await database.withClient(migrated: false) { client in
            try await Migrator(client, source(["1_a.sql": "CREATE TABLE a (n int)"])).up()
            let edited = Migrator(
                client,
                try source(["1_a.sql": "CREATE TABLE a (n int);", "2_b.sql": "CREATE TABLE b (n int)"])
            )
            for operation in [{ _ = try await edited.up() }, { try await edited.verify() }] {
                let error = await #expect(throws: MigrationError.self) { try await operation() }
                #expect(error?.code == .editedFile)
                #expect(error?.fileName == "1_a.sql")
            }
            #expect(try await client.number("SELECT count(*) FROM pg_class WHERE relname = 'b'") == 0)
            #expect(try await edited.status().map(\.state.word) == ["edited", "pending"])
        }
    }

    @Test("A database that is newer than the program is left alone")
    func newerDatabase() async throws {
        try await database.withClient(migrated: false) { client in
            try await Migrator(client, source(["1_a.sql": "SELECT 1", "2_b.sql": "SELECT 2"])).up()
            let older = Migrator(client, try source(["1_a.sql": "SELECT 1"]))
            for operation in [{ _ = try await older.up() }, { try await older.verify() }] {
                let error = await #expect(throws: MigrationError.self) { try await operation() }
                #expect(error?.code == .newerDatabase)
            }
            #expect(try await older.status().map(\.state.word) == ["applied", "unknown"])
        }
    }

    @Test("A pending file is reported by name")
    func pending() async throws {
        try await database.withClient(migrated: false) { client in
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator(client, source(["1_a.sql": "SELECT 1", "2_b.sql": "SELECT 2"])).verify()
            }
            #expect(error?.code == .pending)
            #expect(error?.message.contains("1_a.sql and 1 more") == true)
        }
    }

    @Test("A file that fails half-way leaves nothing, keeps what came before it, and can be mended")
    func failingFile() async throws {
        try await database.withClient(migrated: false) { client in
            let broken = try source([
                "1_a.sql": "CREATE TABLE a (n int)",
                "2_b.sql": "CREATE TABLE b (n int); INSERT INTO a VALUES (1); SELECT 1 / 0",
            ])
            let error = await #expect(throws: MigrationError.self) { try await Migrator(client, broken).up() }
            #expect(error?.code == .failed)
            #expect(error?.fileName == "2_b.sql")
            #expect(error?.sqlState == "22012")
            #expect(try await client.number("SELECT count(*) FROM pg_class WHERE relname = 'b'") == 0)
            #expect(try await client.number("SELECT count(*) FROM a") == 0)
            #expect(try await client.number("SELECT count(*) FROM schema_migrations") == 1)

            let mended = try source(["1_a.sql": "CREATE TABLE a (n int)", "2_b.sql": "CREATE TABLE b (n int)"])
            #expect(try await Migrator(client, mended).up().map(\.version) == [2])
        }
    }

    @Test("A file that was run and can't be recorded leaves nothing")
    func unrecordedFile() async throws {
        try await database.withClient(migrated: false) { client in
            let files = try source([
                "1_a.sql": "CREATE TABLE a (n int)",
                "2_b.sql": "CREATE TABLE b (n int); ALTER TABLE schema_migrations ADD CHECK (version < 2)",
            ])
            let error = await #expect(throws: MigrationError.self) { try await Migrator(client, files).up() }
            #expect(error?.code == .failed)
            #expect(error?.sqlState == "23514")
            #expect(try await client.number("SELECT count(*) FROM pg_class WHERE relname = 'b'") == 0)
        }
    }

    @Test("An error never quotes what is in a row")
    func noValuesInErrors() async throws {
        try await database.withClient(migrated: false) { client in
            let scripts = [
                "SELECT 'topsecret'::int",
                "CREATE TABLE t (v text UNIQUE); INSERT INTO t VALUES ('topsecret'), ('topsecret')",
                "CREATE TABLE t (v text CHECK (v = '')); INSERT INTO t VALUES ('topsecret')",
            ]
            for script in scripts {
                let error = await #expect(throws: MigrationError.self) {
                    try await Migrator(client, source(["1_a.sql": script])).up()
                }
                #expect(error?.description.contains("topsecret") == false)
                #expect(error?.code == .failed)
            }
        }
    }

    @Test("A file that ends its transaction by itself is refused", arguments: ["COMMIT", "ROLLBACK", "COMMIT; BEGIN"])
    func endsTransaction(word: String) async throws {
        try await database.withClient(migrated: false) { client in
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator(client, source(["1_a.sql": "CREATE TABLE a (n int); \(word)"])).up()
            }
            #expect(error?.code == .endedTransaction)
            #expect(error?.fileName == "1_a.sql")
        }
    }

    @Test("The client's statement and request timeouts don't end a long migration")
    func longMigration() async throws {
        try await database.withClient(
            migrated: false,
            configure: {
                $0.statementTimeout = .milliseconds(200)
                $0.requestTimeout = .seconds(2)
            },
            { client in
                let slow = try source(["1_slow.sql": "SELECT pg_sleep(2.5)"])
                #expect(try await Migrator(client, slow).up().map(\.version) == [1])
            }
        )
    }

    @Test("A table that others hold is waited for briefly, then tried again")
    func lockedTable() async throws {
        try await database.withClient(migrated: false) { client in
            try await Migrator(client, source(["1_a.sql": "CREATE TABLE a (n int)"])).up()
            let files = try source(["1_a.sql": "CREATE TABLE a (n int)", "2_b.sql": "ALTER TABLE a ADD COLUMN m int"])
            var once = Migrator.Options()
            once.tableLockWait = .milliseconds(50)
            once.attempts = 1
            var often = once
            often.attempts = 100
            let impatient = Migrator(client, files, options: once)
            let patient = Migrator(client, files, options: often)
            try await client.withDedicatedConnection { holder in
                try await holder.execute(script: "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE")
                let error = await #expect(throws: MigrationError.self) {
                    try await impatient.up()
                }
                #expect(error?.sqlState == "55P03")
                async let applied = patient.up().map(\.version)
                try await holder.execute(script: "COMMIT")
                #expect(try await applied == [2])
            }
        }
    }

    @Test("A history table of another tool is left alone")
    func foreignHistory() async throws {
        try await database.withClient(migrated: false) { client in
            try await client.script("CREATE TABLE schema_migrations (version text PRIMARY KEY)")
            let migrator = Migrator(client, try source(["1_a.sql": "CREATE TABLE a (n int)"]))
            for operation in [{ _ = try await migrator.up() }, { _ = try await migrator.status() }] {
                let error = await #expect(throws: MigrationError.self) { try await operation() }
                #expect(error?.code == .foreignHistory)
            }
            #expect(try await client.number("SELECT count(*) FROM pg_class WHERE relname = 'a'") == 0)
        }
    }

    @Test("Without a database the error says to try again")
    func unreachable() async throws {
        var configuration = PostgresConfiguration(
            connectionString: Secret("postgresql://nobody@/none?host=%2Fnonexistent")
        )
        configuration.requestTimeout = .milliseconds(300)
        configuration.connectTimeout = .milliseconds(300)
        try await PostgresClient.withClient(configuration: configuration, logger: TestDatabase.silentLogger) { client in
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator(client, .embedded()).status()
            }
            #expect(error?.code == .unavailable)
        }
    }
}
