import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import LoginFlow
import NIOCore
import OpenIDConnect
import ScriptedProvider
import ServiceLifecycle
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Shutdown")
struct DrainTests {
    /// A server on a free port, and where it tells the port once it runs.
    private func listening(
        _ site: Site,
        drainTimeout: Duration = .seconds(15)
    ) throws -> (group: ServiceGroup, ports: AsyncStream<Int>) {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        var listener = ListenerConfiguration()
        listener.port = 0
        listener.drainTimeout = drainTimeout
        listener.onListening = { listening.yield($0) }
        let server = try SessionApplication(
            flow: site.flow,
            settings: site.settings,
            listener: listener,
            logger: TestDatabase.silentLogger
        )
        return (ServiceGroup(services: [server], logger: TestDatabase.silentLogger), ports)
    }

    @Test("RC-11 At graceful shutdown a callback that is under way is finished, and nothing new is accepted")
    func drain() async throws {
        let options = Site.Options()
        let site = try Site(store: options.memory, options)
        let (group, ports) = try listening(site)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.first { _ in true })
            try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
                let started = try await client.visit("/login")
                let cookie = ReceivedCookie(try #require(started.headers[.setCookie]))
                let answer = try site.provider.authorize(try #require(started.headers[.location]))
                let gate = site.provider.hold(.token)
                async let callback = client.visit(
                    "/callback?" + answer.query,
                    headers: [.cookie: "\(cookie.name)=\(cookie.value)"]
                )
                try await gate.arrived()
                await group.triggerGracefulShutdown()
                gate.open()
                let response = try await callback
                #expect(response.status == .seeOther)
                #expect(response.headers[.setCookie]?.hasPrefix(Site.sessionCookie) == true)
            }
            // The service ends by itself once the last request is answered.
            try await tasks.waitForAll()
        }
    }

    /// Never answers the token endpoint, as a provider that hangs; ends when cancelled, as the real transport does.
    struct HangingTransport: HTTPTransport {
        let provider: ScriptedProvider
        let arrived: AsyncStream<Void>.Continuation

        func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
            guard request.url.hasSuffix("/token") else { return try await provider.send(request) }
            arrived.yield()
            try await Task.sleep(for: .seconds(3600))
            throw HTTPTransportError(.timedOut)
        }
    }

    @Test("A request that hangs is cut off when the time to drain is over", .timeLimit(.minutes(1)))
    func deadline() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        var options = Site.Options()
        options.transport = { HangingTransport(provider: $0, arrived: arrived) }
        let site = try Site(store: options.memory, options)
        let (group, ports) = try listening(site, drainTimeout: .milliseconds(50))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.first { _ in true })
            let client = TestClient(host: "127.0.0.1", port: port)
            client.connect()
            let started = try await client.visit("/login")
            let cookie = ReceivedCookie(try #require(started.headers[.setCookie]))
            let answer = try site.provider.authorize(try #require(started.headers[.location]))
            try await client.executeAndDontWaitForResponse(
                TestClient.request(
                    "/callback?" + answer.query,
                    headers: [.cookie: "\(cookie.name)=\(cookie.value)"]
                )
            )
            await arrivals.first { _ in true }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try await client.shutdown()
        }
    }
}
