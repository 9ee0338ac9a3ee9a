import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Secrets
import Synchronization
import WireText

@testable import DevelopmentProvider

/// A provider without a socket, its state in a folder of its own, its clock in the test's hand.
struct ProviderHarness: Sendable {
    static let issuer = "http://127.0.0.1:9"
    static let redirectURI = "http://127.0.0.1:8080/callback"
    static let signedOutURI = "http://127.0.0.1:8080/"
    static let verifier = String(repeating: "v", count: 43)
    static let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))

    static let application = DevelopmentClient(
        id: "app",
        secret: Secret("s3cret/+:"),
        name: "Application",
        redirectURIs: [redirectURI, "http://127.0.0.1:8080/callback?tenant=a"],
        postLogoutRedirectURIs: [signedOutURI]
    )
    static let publicClient = DevelopmentClient(
        id: "phone",
        secret: nil,
        name: "Phone <b>&\"'",
        redirectURIs: ["http://127.0.0.1:8090/cb"]
    )

    /// Making a key takes a tenth of a second; one is enough for all tests but those of the key itself.
    private static let sharedKey = Result { try SigningKey.generate() }

    let clock = SettableClock()
    let makesItsOwnKey: Bool
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("provider-\(UUID().uuidString)")

    init(makesItsOwnKey: Bool = false) {
        self.makesItsOwnKey = makesItsOwnKey
    }

    func signingKey() throws -> SigningKey {
        makesItsOwnKey ? try StateDirectory(directory).signingKey() : try Self.sharedKey.get()
    }

    var configuration: DevelopmentProviderConfiguration {
        var configuration = DevelopmentProviderConfiguration(
            directory: directory,
            clients: [Self.application, Self.publicClient]
        )
        configuration.now = { [clock] in clock.now }
        return configuration
    }

    /// Runs a body against a provider that has just read its folder: each call is a restart.
    func run(_ body: @escaping @Sendable (TestBrowser) async throws -> Void) async throws {
        let store = try StateDirectory(directory)
        let issuer = BoundIssuer()
        await issuer.announce(.success(Self.issuer))
        let endpoints = ProviderEndpoints(
            configuration: configuration,
            state: try ProviderState(directory: store, now: configuration.now),
            key: try signingKey(),
            issuer: issuer,
            logger: Logger(label: "provider") { _ in SwiftLogNoOpLogHandler() }
        )
        try await Application(router: endpoints.router()).test(.router) { client in
            try await body(TestBrowser(client: client))
        }
    }

    /// One provider in a fresh folder, which is gone afterwards.
    static func withProvider(
        _ body: @escaping @Sendable (TestBrowser, ProviderHarness) async throws -> Void
    ) async throws {
        let harness = ProviderHarness()
        defer { harness.remove() }
        try await harness.run { try await body($0, harness) }
    }

    func remove() {
        try? FileManager.default.removeItem(at: directory)
    }
}

/// A clock that stands still until a test moves it.
final class SettableClock: Sendable {
    private let seconds = Mutex<Double>(1_700_000_000)

    var now: Date { Date(timeIntervalSince1970: seconds.withLock { $0 }) }

    func advance(by duration: Duration) {
        seconds.withLock { $0 += Double(duration.components.seconds) }
    }
}
