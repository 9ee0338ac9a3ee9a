import HummingbirdTesting
import LoginFlow
import ScriptedProvider
import SessionServer
import Sessions
import TestSupport
import Testing

/// Requests that name their host twice, as bytes on a connection.
@Suite("A whole URL for a target")
struct AbsoluteTargetTests {
    /// A target, the `Host` beside it, and the status of the answer.
    struct Case: Sendable, CustomTestStringConvertible {
        let target: String
        let host: String?
        let status: Int

        var testDescription: String { "\(target) to \(host ?? "nobody")" }

        init(_ target: String, _ host: String?, _ status: Int) {
            self.target = target
            self.host = host
            self.status = status
        }
    }

    private static let cases = [
        Case("http://a.example/login", "a.example", 303), Case("HTTP://A.example/login", "a.EXAMPLE", 303),
        Case("/login", "a.example", 303), Case("http://b.example/login", "a.example", 400),
        Case("http://evil.example/login", "a.example", 400), Case("http://a.example/login", "evil.example", 400),
        Case("http://a.example@b.example/login", "a.example", 400), Case("http://b.example/login", nil, 400),
        Case("http://evil.example/health/live", "a.example", 400),
        Case("/login", "a.example\r\nHost: b.example", 400), Case("/login", "b.example\r\nHost: b.example", 400),
        Case("http://evil.example/login", "evil.example", 421),
        Case("http://evil.example/health/live", "evil.example", 200),
    ]

    private static func site(_ host: String, _ options: Site.Options) throws -> Site {
        var options = options
        options.baseURL = "https://" + host
        options.policy.tenantID = host
        return try Site(store: options.memory, options)
    }

    @Test("SS-18 two tenants of one host are refused at the start")
    func oneHost() throws {
        let options = Site.Options()
        let sites = try ["a.example", "A.example"].map { try Self.site($0, options) }
        let error = #expect(throws: LoginError.self) {
            try SessionApplication(
                tenants: sites.map { TenantSite(flow: $0.flow, settings: $0.settings) },
                administration: SessionManager(store: options.memory, logger: TestDatabase.silentLogger),
                logger: TestDatabase.silentLogger
            )
        }
        #expect(error?.code == .misconfigured)
    }

    @Test("SS-18 PD-09 a host in the target that isn't Host's is refused before a tenant is chosen", arguments: cases)
    func target(_ wanted: Case) async throws {
        let options = Site.Options()
        let sites = try ["a.example", "b.example"].map { try Self.site($0, options) }
        let application = try SessionApplication(
            tenants: sites.map { TenantSite(flow: $0.flow, settings: $0.settings) },
            administration: SessionManager(store: options.memory, logger: TestDatabase.silentLogger),
            logger: TestDatabase.silentLogger
        )
        try await application.application.test(.live) { client in
            let port = try #require(client.port)
            let host = wanted.host.map { "Host: \($0)\r\n" } ?? ""
            let request = "GET \(wanted.target) HTTP/1.1\r\n\(host)Connection: close\r\n\r\n"
            let answer = try await RawConnection.exchange(port: port, Array(request.utf8))
            #expect(answer.hasPrefix("HTTP/1.1 \(wanted.status) "), "\(answer.prefix(200))")
            if wanted.status == 303 { #expect(answer.contains("redirect_uri=https%3A%2F%2Fa.example%2Fcallback")) }
            if wanted.status == 400 { #expect(!answer.lowercased().contains("set-cookie")) }
        }
    }
}
