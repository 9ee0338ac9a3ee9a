import ArgumentParser
import Foundation
import Migrations

/// `oidc-sessions migrate`: the numbered SQL files and the database.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database to the schema of this program, or see where it stands.",
        discussion: """
            EXAMPLES:
              oidc-sessions migrate
              oidc-sessions migrate status
            """,
        subcommands: [Up.self, Status.self, Verify.self],
        defaultSubcommand: Up.self
    )

    /// What the three have in common.
    struct Options: ParsableArguments {
        @OptionGroup var settings: SettingsOptions

        @Option(help: ArgumentHelp("Read the SQL files of a folder, not those in the program.", valueName: "path"))
        var folder: String?

        @Flag(help: "Print JSON.")
        var json = false

        func withMigrator<R: Sendable>(_ body: (Migrator) async throws -> R) async throws -> R {
            let source = try folder.map { try MigrationSource.folder($0) } ?? MigrationSource.embedded()
            let oneShot = OneShot(settings: try settings.load(needs: .database))
            return try await oneShot.withClient { client in
                try await body(Migrator(client: client, source: source, logger: oneShot.logger))
            }
        }
    }

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the migrations that are pending.",
            discussion: """
                Safe to run from several places at once: they take turns, and each file is applied once. Each file is one \
                transaction; one that fails leaves no trace.

                EXAMPLES:
                  oidc-sessions migrate up
                  oidc-sessions migrate up --json
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (applied, version) = try await options.withMigrator { migrator in
                let applied = try await migrator.up()
                return (applied, try await migrator.status().last?.version)
            }
            if options.json {
                try Terminal.print(json: AppliedReport(applied: applied.map(MigrationLine.init), version: version))
            } else {
                for migration in applied { Terminal.print("applied \(migration.version)_\(migration.name)") }
                let place = version.map { "the database is at migration \($0)" } ?? "there are no migrations"
                Terminal.print(applied.isEmpty ? "nothing to apply, \(place)" : place)
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the migrations: applied, pending, edited after they were applied, or unknown here.",
            discussion: """
                It changes nothing, and says nothing by its exit code: see migrate verify for that.

                EXAMPLES:
                  oidc-sessions migrate status
                  oidc-sessions migrate status --json | jq -c '.migrations[]'
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let lines = try await options.withMigrator { try await $0.status() }.map(MigrationLine.init)
            if options.json {
                try Terminal.print(json: ["migrations": lines])
            } else {
                var table = TextTable("VERSION", "NAME", "STATE", "APPLIED AT")
                for line in lines {
                    let date = line.appliedAt?.formatted(.iso8601) ?? ""
                    table.add("\(line.version)", line.name, line.state, date)
                }
                Terminal.print(table.text)
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fail unless every migration is applied, unchanged, and nothing else is.",
            discussion: """
                For a pipeline, before the new program is started.

                EXAMPLES:
                  oidc-sessions migrate verify
                  oidc-sessions migrate verify --config settings.json
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let version = try await options.withMigrator { migrator in
                try await migrator.verify()
                return try await migrator.status().last?.version
            }
            if options.json {
                try Terminal.print(json: AppliedReport(applied: [], version: version))
            } else {
                Terminal.print("the database is at migration \(version ?? 0), as this program expects")
            }
        }
    }
}
