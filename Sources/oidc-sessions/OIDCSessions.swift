import ArgumentParser

/// The program: `oidc-sessions`.
@main
struct OIDCSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "oidc-sessions")
}
