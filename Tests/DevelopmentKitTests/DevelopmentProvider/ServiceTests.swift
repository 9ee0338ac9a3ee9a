import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import ServiceLifecycle
import Testing

@testable import DevelopmentProvider

@Suite struct ServiceTests {
    @Test("port 0 finds a free port, tells it, and takes the same one after a restart")
    func port() async throws {
        let harness = ProviderHarness()
        defer { harness.remove() }
        let first = try await issuerOfOneRun(harness)
        #expect(first.hasPrefix("http://127.0.0.1:"))
        #expect(try await issuerOfOneRun(harness) == first)
    }

    @Test("a taken port of the last start gives way to a free one")
    func takenPort() async throws {
        let harness = ProviderHarness()
        let squatter = ProviderHarness()
        defer {
            harness.remove()
            squatter.remove()
        }
        let first = try await issuerOfOneRun(harness)
        var configuration = squatter.configuration
        configuration.port = try #require(URL(string: first)?.port)
        try await withRunning(configuration) { _ in
            let second = try await issuerOfOneRun(harness)
            #expect(second != first)
        }
    }

    @Test("a taken port that was asked for ends run() and whoever waits for the issuer")
    func askedPort() async throws {
        let squatter = ProviderHarness()
        let harness = ProviderHarness()
        defer {
            harness.remove()
            squatter.remove()
        }
        try await withRunning(squatter.configuration) { issuer in
            var configuration = harness.configuration
            configuration.port = try #require(URL(string: issuer)?.port)
            let provider = try DevelopmentProvider(configuration: configuration, logger: quiet)
            let waiting = Task { try await provider.issuer() }
            await #expect(throws: (any Error).self) { try await provider.run() }
            await #expect(throws: (any Error).self) { try await waiting.value }
        }
    }

    @Test(
        "whatever could be reached from outside, or can't work, is refused",
        arguments: ["0.0.0.0", "::", "192.168.0.1", "example.com", ""]
    )
    func hosts(host: String) throws {
        var configuration = ProviderHarness().configuration
        configuration.host = host
        let error = #expect(throws: DevelopmentProviderError.self) {
            try DevelopmentProvider(configuration: configuration, logger: quiet)
        }
        #expect(error?.code == .notLoopback)
    }

    @Test(
        "a page whose name was made to resolve to this machine is turned away",
        arguments: ["evil.example", "127.0.0.1.evil.example"]
    )
    func rebinding(host: String) async throws {
        let harness = ProviderHarness()
        defer { harness.remove() }
        try await withRunning(harness.configuration) { issuer in
            let url = try #require(URL(string: issuer))
            let client = TestClient(host: "127.0.0.1", port: try #require(url.port), configuration: .init())
            client.connect()
            let path = "/.well-known/openid-configuration"
            let right = try await client.execute(.init(path, method: .get, authority: "127.0.0.1:\(url.port ?? 0)"))
            let wrong = try await client.execute(.init(path, method: .get, authority: host))
            try await client.shutdown()
            #expect(right.status == .ok)
            #expect(wrong.status == .misdirectedRequest)
        }
    }

    private let quiet = Logger(label: "provider") { _ in SwiftLogNoOpLogHandler() }

    private func issuerOfOneRun(_ harness: ProviderHarness) async throws -> String {
        let issuer = SettableValue<String>()
        try await withRunning(harness.configuration) { issuer.set($0) }
        return try #require(issuer.value)
    }

    private func withRunning(
        _ configuration: DevelopmentProviderConfiguration,
        _ body: (String) async throws -> Void
    ) async throws {
        let provider = try DevelopmentProvider(configuration: configuration, logger: quiet)
        let group = ServiceGroup(configuration: .init(services: [provider], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(try await provider.issuer())
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
