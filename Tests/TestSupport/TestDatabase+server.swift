import Foundation
public import PrivatePostgres

extension TestDatabase {
    /// Starts a server of its own, for what the others mustn't see: its end, or other settings; lends it, stops it and
    /// removes it.
    ///
    /// - Parameters:
    ///   - configure: changes its options.
    ///   - body: may stop it, and start it again.
    public static func withServer<R>(
        _ configure: (inout PrivatePostgres.Options) -> Void = { _ in },
        _ body: (PrivatePostgres) async throws -> R
    ) async throws -> R {
        let directory = scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = PrivatePostgres.Options()
        options.durable = false
        options.deadline = .seconds(300)
        configure(&options)
        let server = try await PrivatePostgres.start(directory: directory, options: options)
        defer { server.stopBlocking() }
        return try await body(server)
    }
}
