import ArgumentParser
import Glibc

/// Where the program begins and ends.
@main
enum Main {
    static func main() async {
        // A reader of our output that goes away is an error of one write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        do {
            let command = try OIDCSessions.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
            end(with: .done)
        } catch {
            let programEnd = ProgramEnd(error)
            programEnd.report()
            end(with: programEnd.code)
        }
    }

    /// Ends the program; an answer that could not be written was not given.
    private static func end(with code: ProgramEnd.Code) -> Never {
        guard code == .done, let failure = Terminal.outputFailure else { exit(code.rawValue) }
        Terminal.complain("oidc-sessions: standard output: \(failure)")
        exit(ProgramEnd.Code.failed.rawValue)
    }
}
