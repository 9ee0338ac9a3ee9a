import Foundation

/// Places on disk that the tests know.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What is worth keeping between runs; not in git.
    static let cache = root.appending(path: ".test-cache")
    static let screenshots = cache.appending(path: "screenshots")

    /// The program as it was built together with these tests.
    static var program: URL {
        Bundle.module.bundleURL.deletingLastPathComponent().appending(path: "oidc-sessions")
    }

    /// A folder that is gone after the body.
    static func withTemporaryDirectory(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "browser-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }
}
