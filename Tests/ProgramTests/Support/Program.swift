import Foundation
import PrivatePostgres
import Testing

/// The built program, run as a process of its own.
struct Program {
    /// What a run that has ended left behind.
    struct Outcome {
        let exit: ChildProcess.Exit?
        let output: String
        let errors: String

        /// The lines of standard error.
        var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

        /// Standard output as a JSON object.
        func json() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        }
    }

    /// The program lies beside the test bundle that runs this.
    static var path: String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "oidc-sessions").path
    }

    /// Secrets of 32 bytes that were made with the system's generator, for nothing but these tests.
    static let secret = "rn9Q3fWfD9Zk0b0sVZ0mJ0mO0oQ3dB1u2f8m3c5Xy7A="
    static let newerSecret = "Jc2mZp0X8vQe5nT1rLw7KfYb3aHs9DgUi4OxEk6PzVM="

    /// Every setting that `serve` needs, on free ports.
    static func servingEnvironment(database: String) -> [String: String] {
        [
            "DATABASE_URL": database, "SESSION_SECRET": secret, "BASE_URL": "http://localhost:8080",
            "OIDC_ISSUER": "http://127.0.0.1:9", "OIDC_CLIENT_ID": "tests", "PORT": "0", "ADMIN_PORT": "0",
        ]
    }

    /// Runs the program to its end.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        within limit: Duration = .seconds(120)
    ) async throws -> Outcome {
        try await RunningProgram.withProgram(arguments, environment: environment) { program in
            let exit = await program.process.waitForExit(within: limit)
            return Outcome(exit: exit, output: program.output, errors: program.errors)
        }
    }
}
