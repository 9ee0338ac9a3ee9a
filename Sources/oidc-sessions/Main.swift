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
        } catch {
            let end = ProgramEnd(error)
            end.report()
            exit(end.code.rawValue)
        }
    }
}
