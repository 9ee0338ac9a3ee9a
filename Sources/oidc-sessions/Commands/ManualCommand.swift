import ArgumentParser

/// `oidc-sessions manual`: the manual page, from the same descriptions as `--help`.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print the manual page of this program.",
        discussion: """
            EXAMPLES:
              oidc-sessions manual | man -l -
              oidc-sessions manual > /usr/local/share/man/man1/oidc-sessions.1
            """
    )

    func run() throws {
        Terminal.print(ManualPage(program: try .ofProgram(), version: OIDCSessions.version).text)
    }
}
