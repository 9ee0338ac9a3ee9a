import CSpawn
import Foundation
import Glibc

/// A program to start: nothing is inherited but what is written here.
package struct Command: Sendable {
    /// The program's path.
    package var executable: String

    /// Its arguments, without its own name.
    package var arguments: [String]

    /// Its whole environment.
    package var environment: [String: String]

    /// Where it starts; nil: where this process is.
    package var workingDirectory: String?

    /// The file that it reads from; nil: nothing is there.
    package var input: String?

    /// The file that its standard output is appended to; nil: nowhere.
    package var output: String?

    /// The file that its standard error is appended to; nil: where the output goes.
    package var errors: String?

    /// A program with an environment that is the same everywhere.
    package init(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": "/nonexistent",
        ].merging(environment) { $1 }
    }

    /// Starts the program in a process group of its own, so that a Ctrl-C at the terminal is left to this process to
    /// pass on, in its order; with default signal handling, whatever this thread blocks.
    func spawn() throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        // Not through a link: a root that starts the server writes in a directory of the server's account.
        let appending = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", appending, 0o600)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, 2, errors, appending, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        if let workingDirectory { cspawn_addchdir(&actions, workingDirectory) }
        // Most are marked close-on-exec; a lock or a socket that is not must not live on in the other program. All of
        // them, and not those that are open now: another thread may open one before the program is there.
        cspawn_addclosefrom(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )

        var pid: pid_t = 0
        let status = withCStrings([executable] + arguments) { argv in
            withCStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&pid, executable, &actions, &attributes, argv, environment)
            }
        }
        guard status == 0 else {
            throw PrivatePostgresError(
                .processFailed,
                "cannot start \(executable): \(String(cString: strerror(status)))"
            )
        }
        return pid
    }

    /// Starts it, waits for it, and requires the code 0.
    package func run(within limit: Duration) async throws {
        let child = try await ChildProcess.start(self)
        let exit = await child.waitForExit(within: limit)
        if exit == nil { child.signal(SIGKILL) }
        guard exit == .code(0) else {
            let name = arguments.first { $0.contains("/bin/") } ?? executable
            let reason = exit.map { "\($0)" } ?? "no end within \(limit)"
            throw PrivatePostgresError(.processFailed, "\(name) failed (\(reason))\(lastLines(of: errors ?? output))")
        }
    }

    private func lastLines(of file: String?) -> String {
        guard let file, let text = try? String(contentsOfFile: file, encoding: .utf8) else { return "" }
        return text.split(separator: "\n").suffix(5).map { "\n  " + $0 }.joined()
    }
}

/// A nil-terminated array of C strings for the time of a call.
private func withCStrings<R>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("an array with its terminator is not empty") }
        return body(base)
    }
}
