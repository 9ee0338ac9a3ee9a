import DevelopmentProvider
import Foundation
import Secrets
import TestSupport
import Testing

/// A development provider of one test, with one client.
struct Providers {
    static let clientID = "tests"
    static let secret = "secret-of-the-tests"

    /// Runs providers, one for each list of redirect URIs, and lends their issuers.
    static func run<R>(redirectURIs: [[String]], _ body: ([String]) async throws -> R) async throws -> R {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        var issuers: [String] = []
        var running: [Task<Void, any Error>] = []
        defer { for task in running { task.cancel() } }
        for (index, uris) in redirectURIs.enumerated() {
            let client = DevelopmentClient(
                id: clientID,
                secret: Secret(secret),
                name: "tests",
                redirectURIs: uris,
                postLogoutRedirectURIs: uris.compactMap { uri in
                    URL(string: "/logged-out", relativeTo: URL(string: uri))?.absoluteString
                }
            )
            let provider = try DevelopmentProvider(
                configuration: DevelopmentProviderConfiguration(
                    directory: directory.appending(path: "provider-\(index)"),
                    clients: [client]
                ),
                logger: TestDatabase.silentLogger
            )
            running.append(Task { try await provider.run() })
            issuers.append(try await provider.issuer())
        }
        return try await body(issuers)
    }
}
