import Foundation
import Glibc

/// Directories of tests below the temporary one, named after the process that made them.
enum ScratchDirectories {
    private static let prefix = "oidc-sessions-scratch-"

    static func make() -> URL {
        let name = "\(prefix)\(getpid())-\(UUID().uuidString.prefix(8).lowercased())"
        return FileManager.default.temporaryDirectory.appending(path: name, directoryHint: .isDirectory)
    }

    /// Removes those of processes that are gone: a test that is killed can't tidy up.
    static func removeAbandoned() {
        let parent = FileManager.default.temporaryDirectory
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(prefix) {
            guard let maker = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }), maker > 0 else { continue }
            if kill(maker, 0) == -1, errno == ESRCH {
                try? FileManager.default.removeItem(at: parent.appending(path: name))
            }
        }
    }
}
