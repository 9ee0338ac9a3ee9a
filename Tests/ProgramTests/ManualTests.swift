import ArgumentParser
import Foundation
import PrivatePostgres
import Testing

@testable import oidc_sessions

@Suite("Manual page, completions and help come from the same descriptions")
struct ManualTests {
    /// The path of a program, nil when this machine doesn't have it.
    private static func find(_ name: String) -> String? {
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return directories.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs another program on a file with this content.
    private func run(
        _ path: String,
        _ arguments: [String],
        on content: String
    ) async throws -> (exit: ChildProcess.Exit?, output: String) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "manual-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "file")
        try Data(content.utf8).write(to: file)
        var command = Command(path, arguments + [file.path])
        command.output = directory.appending(path: "output").path
        let exit = try await ChildProcess.start(command).waitForExit(within: .seconds(60))
        return (exit, (try? String(contentsOf: directory.appending(path: "output"), encoding: .utf8)) ?? "")
    }

    @Test("the page has every command, option and setting")
    func complete() async throws {
        let outcome = try await Program.run(["manual"])
        #expect(outcome.exit == .code(0))
        let page = outcome.output.replacing("\\-", with: "-")
        let commands = try CommandDescription.ofProgram().allSubcommands
        #expect(commands.count > 15)
        for command in commands {
            #expect(page.contains("\n.SS \"\(command.path)\"\n"), "\(command.path)")
            for argument in command.shownArguments {
                for name in argument.names ?? [] { #expect(page.contains("\\fB\(name.spelling)\\fR")) }
                #expect(argument.abstract?.isEmpty == false, "\(command.path) \(argument.names ?? [])")
            }
        }
        for setting in SettingName.allCases { #expect(page.contains("\\fB\(setting.rawValue)\\fR")) }
    }

    @Test("groff has nothing to say about it", .enabled(if: find("groff") != nil))
    func groff() async throws {
        let page = try await Program.run(["manual"]).output
        let groff = try #require(Self.find("groff"))
        let checked = try await run(groff, ["-man", "-Tutf8", "-ww", "-z"], on: page)
        #expect(checked.exit == .code(0))
        #expect(checked.output == "")
        let shown = try await run(groff, ["-man", "-Tascii", "-P-c", "-P-b", "-P-u"], on: page).output
        #expect(shown.contains("oidc-sessions sessions revoke-user"))
        #expect(shown.contains("oidc-sessions keys rotate"))
    }

    @Test("mandoc reads it too", .enabled(if: find("mandoc") != nil))
    func mandoc() async throws {
        let page = try await Program.run(["manual"]).output
        let mandoc = try #require(Self.find("mandoc"))
        #expect(try await run(mandoc, ["-T", "lint", "-W", "error"], on: page).exit == .code(0))
    }

    @Test("each shell gets its completions, and reads them", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let outcome = try await Program.run(["--generate-completion-script", shell])
        #expect(outcome.exit == .code(0))
        #expect(outcome.errors == "")
        for word in ["revoke-user", "doctor", "dry-run", "older-than-days"] { #expect(outcome.output.contains(word)) }
        guard let path = Self.find(shell) else { return }
        let checked = try await run(path, ["-n"], on: outcome.output)
        #expect(checked.exit == .code(0), "\(checked.output)")
    }

    @Test("every command that does something shows examples, and each of them is a command that is understood")
    func examples() throws {
        for command in try CommandDescription.ofProgram().allSubcommands where command.subcommands == nil {
            let discussion = command.discussion ?? ""
            #expect(discussion.contains("EXAMPLES:\n"), "\(command.path)")
            let lines = discussion.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            for line in lines where line.hasPrefix("oidc-sessions ") {
                // What --help folds in a window of 80 columns can't be copied.
                #expect(line.utf8.count <= 78, "\(line)")
                // Up to the shell's own signs.
                let words = line.split(separator: " ").map(String.init).prefix {
                    !["|", ">", ">>", "&&", "#"].contains($0)
                }
                #expect(throws: Never.self, "\(line)") {
                    _ = try OIDCSessions.parseAsRoot(Array(words.dropFirst()))
                }
            }
        }
    }
}
