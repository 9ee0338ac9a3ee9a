import Foundation
import Glibc
import PrivatePostgres

/// A file system of a few megabytes, to be filled up.
public enum TinyDisk {
    /// Whether this process may mount one: it takes a root that is allowed to.
    public static func isPossible() async -> Bool {
        guard geteuid() == 0 else { return false }
        return (try? await withDisk(megabytes: 1, for: "/tmp") { _ in true }) ?? false
    }

    /// Mounts one for the length of a scope.
    ///
    /// - Parameters:
    ///   - sample: a file whose owner the disk gets.
    ///   - body: gets the directory.
    public static func withDisk<R>(
        megabytes: Int,
        for sample: String,
        _ body: (String) async throws -> R
    ) async throws -> R {
        let path = "/tmp/oidc-disk-\(getpid())-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { rmdir(path) }
        var status = stat()
        guard stat(sample, &status) == 0 else { throw FaultError("cannot look at \(sample)") }
        let options = "size=\(megabytes)m,mode=0700,uid=\(status.st_uid),gid=\(status.st_gid)"
        try await Command("/usr/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]).run(within: .seconds(60))
        // Whoever still has a file open there keeps it until he closes it, and nobody waits for that.
        defer { umount2(path, Int32(MNT_DETACH)) }
        return try await body(path)
    }
}
