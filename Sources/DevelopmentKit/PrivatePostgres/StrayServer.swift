import Foundation
import Glibc

/// Processes of a server whose starter was killed.
///
/// They are known by where they work: every process of a server has the data directory as its working directory,
/// whereas a number in `postmaster.pid` may be somebody else's by now.
enum StrayServer {
    /// Ends them and removes the lock file that they leave behind.
    ///
    /// The caller holds the directory's lock.
    static func reap(dataDirectory: URL, within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        for signal in [SIGINT, SIGQUIT, SIGKILL] {
            let processes = find(dataDirectory: dataDirectory)
            if processes.isEmpty { break }
            for process in processes { _ = kill(process, signal) }
            let turn = min(ContinuousClock.now + limit / 3, deadline)
            while ContinuousClock.now < turn, !find(dataDirectory: dataDirectory).isEmpty {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        guard find(dataDirectory: dataDirectory).isEmpty else {
            throw PrivatePostgresError(.inUse, "a server from an earlier run still works in \(dataDirectory.path)")
        }
        // Postgres does this by itself, unless another process of the account has taken the number.
        try? FileManager.default.removeItem(at: dataDirectory.appending(path: "postmaster.pid"))
    }

    static func find(dataDirectory: URL) -> [pid_t] {
        let directory = dataDirectory.resolvingSymlinksInPath().path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { process in
            let link = "/proc/\(process)/cwd"
            return (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == directory
        }
    }
}
