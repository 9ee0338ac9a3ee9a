import ArgumentParser
import Foundation

/// A command as the argument parser describes it (`--experimental-dump-help`): what a manual page is made of.
struct CommandDescription: Decodable {
    let superCommands: [String]?
    let commandName: String
    let abstract: String?
    let discussion: String?
    let shouldDisplay: Bool
    let subcommands: [CommandDescription]?
    let arguments: [Argument]?

    struct Argument: Decodable {
        let kind: String
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let abstract: String?
    }

    struct Name: Decodable {
        let kind: String
        let name: String

        var spelling: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    private struct Document: Decodable {
        let command: CommandDescription
    }

    /// The whole program.
    static func ofProgram() throws -> CommandDescription {
        try JSONDecoder().decode(Document.self, from: Data(OIDCSessions._dumpHelp().utf8)).command
    }

    /// The words by which it is called: `oidc-sessions keys rotate`.
    var path: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

    /// The commands below this one, depth first, that people are meant to see.
    var allSubcommands: [CommandDescription] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }.flatMap { [$0] + $0.allSubcommands }
    }

    var shownArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }
}
