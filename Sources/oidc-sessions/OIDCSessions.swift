import ArgumentParser

/// The program: `oidc-sessions`.
struct OIDCSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oidc-sessions",
        abstract: "Login sessions for OpenID Connect, kept in Postgres.",
        discussion: """
            Settings come from the environment (DATABASE_URL, SESSION_SECRET, BASE_URL, OIDC_ISSUER, …), a JSON file \
            (--config) and flags (--set). Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 75 try again.
            """,
        version: Self.version,
        subcommands: [
            ServeCommand.self, DevCommand.self, MigrateCommand.self, CleanupCommand.self, KeysCommand.self,
            SessionsCommand.self, DoctorCommand.self, ImportCommand.self, ManualCommand.self,
        ]
    )

    static let version = "0.1.0"
}
