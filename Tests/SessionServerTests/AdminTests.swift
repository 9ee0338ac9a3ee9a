import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import SessionServer
import TestSupport
import Testing

@Suite("Listeners and settings")
struct AdminTests {
    @Test("AD-04 metrics are on the admin listener, as they are at the moment, and never on the public one")
    func metrics() async throws {
        let admin = AdminApplication(listener: ListenerConfiguration(), logger: TestDatabase.silentLogger) {
            "# TYPE up gauge\nup 1\n"
        }
        try await admin.application.test(.router) { client in
            let response = try await Browser(client).get("/metrics")
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(response.text == "# TYPE up gauge\nup 1\n")
            let live = try await Browser(client).get("/health/live")
            #expect(live.status == .ok)
        }
        try await Site.inMemory { _, client in
            let response = try await Browser(client).get("/metrics")
            #expect(response.status == .notFound)
        }
    }

    @Test("A provider that is registered with another redirect URI stops the start")
    func redirectURI() async throws {
        await #expect(throws: LoginError.self) {
            try await Site.inMemory { options in
                options.redirectURI = { _ in "https://other.example/callback" }
            } _: { _, _ in
            }
        }
    }

    @Test("Two providers of one name, or none, are refused")
    func registry() async throws {
        try await Site.inMemory { site, _ in
            let provider = try #require(site.flow.providers.default)
            #expect(throws: LoginError.self) { try ProviderRegistry([provider, provider]) }
            #expect(throws: LoginError.self) { try ProviderRegistry([]) }
            #expect(site.flow.providers["main"] === provider)
            #expect(site.flow.providers["Main"] == nil)
        }
    }
}
