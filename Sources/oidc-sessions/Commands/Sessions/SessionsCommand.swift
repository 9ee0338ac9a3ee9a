public import ArgumentParser
public import Sessions

/// `oidc-sessions sessions`: looking at sessions, and ending them.
struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List sessions, look at one, count them, end them.",
        discussion: """
            Sessions are named by handles, which can't be used as cookies. Tokens and ids are never shown. What is ended \
            is in the table audit_log, with the user and host that asked.

            EXAMPLES:
              oidc-sessions sessions list
              oidc-sessions sessions stats --by-user
              oidc-sessions sessions revoke-user 248289761001 --dry-run
            """,
        subcommands: [List.self, Show.self, Stats.self, Revoke.self, RevokeUser.self, RevokeAll.self]
    )
}

extension SessionHandle: ExpressibleByArgument {
    /// A handle from the command line; nil unless it is 32 lower-case hexadecimal characters.
    public init?(argument: String) {
        self.init(argument)
    }
}

extension SessionState: ExpressibleByArgument {}
