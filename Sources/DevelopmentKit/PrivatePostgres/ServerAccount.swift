import Foundation
import Glibc

/// The account that the server runs as.
///
/// Postgres refuses to run as root.
struct ServerAccount {
    let userID: uid_t
    let groupID: gid_t

    /// Whether this process has to give up root to become it.
    let isOther: Bool

    /// Ourselves, or, for root, the account that the package made for the server, or else the one that owns nothing.
    static func current() throws -> ServerAccount {
        guard geteuid() == 0 else {
            return ServerAccount(userID: geteuid(), groupID: getegid(), isOther: false)
        }
        for name in ["postgres", "nobody"] {
            if let account = lookUp(name) { return account }
        }
        throw PrivatePostgresError(
            .noAccount,
            "Postgres does not run as root and there is no account \"postgres\": apt-get install -y postgresql"
        )
    }

    private static func lookUp(_ name: String) -> ServerAccount? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil, entry.pw_uid != 0 else {
            return nil
        }
        return ServerAccount(userID: entry.pw_uid, groupID: entry.pw_gid, isOther: true)
    }

    /// Makes a file or directory the server's, for nobody else to read.
    func takeOver(_ url: URL, mode: mode_t) throws {
        // By descriptor, so that what is handed over is what was looked at, and never the other end of a link.
        let descriptor = open(url.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, fchmod(descriptor, mode) == 0, !isOther || fchown(descriptor, userID, groupID) == 0
        else {
            throw PrivatePostgresError(.fileSystem, "cannot hand \(url.path) to the server: \(lastSystemError())")
        }
    }

    /// The same command as this account, and ended with SIGINT (fast shutdown) when this process dies.
    func adopting(_ command: Command, directory: URL) -> Command {
        let tool = "/usr/bin/setpriv"
        guard isOther || access(tool, X_OK) == 0 else { return command }
        var arguments = ["--pdeathsig", "INT"]
        if isOther {
            arguments += ["--reuid", "\(userID)", "--regid", "\(groupID)", "--clear-groups"]
            if !canReach(directory) {
                // A checkout below /root: the directory is the server's, the way to it isn't.
                arguments += ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
            }
        }
        var changed = command
        changed.executable = tool
        changed.arguments = arguments + ["--", command.executable] + command.arguments
        return changed
    }

    /// Whether every directory above lets this account through.
    private func canReach(_ directory: URL) -> Bool {
        var url = directory.deletingLastPathComponent()
        while url.path != "/" {
            var status = stat()
            guard stat(url.path, &status) == 0 else { return false }
            let isOpen = status.st_mode & S_IXOTH != 0
            let isOwn = status.st_uid == userID && status.st_mode & S_IXUSR != 0
            guard isOpen || isOwn else { return false }
            url = url.deletingLastPathComponent()
        }
        return true
    }
}

/// What `errno` means.
func lastSystemError() -> String {
    String(cString: strerror(errno))
}
