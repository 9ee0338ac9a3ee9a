import Foundation
import OpenIDConnect
import Secrets
import Testing

@testable import oidc_sessions

@Suite("doctor asks the provider")
struct ProviderChecksTests {
    /// Answers what it was given, with a `Date`.
    private struct Documents: HTTPTransport {
        private let discovery: Data?
        private let keys: Data
        private let date: Date?

        init(discovery: [String: Any]?, keys: [String: Any], date: Date? = nil) throws {
            self.discovery = try discovery.map { try JSONSerialization.data(withJSONObject: $0) }
            self.keys = try JSONSerialization.data(withJSONObject: keys)
            self.date = date
        }

        func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
            let document = request.url.hasSuffix("/.well-known/openid-configuration") ? discovery : keys
            guard let document else { throw HTTPTransportError(.notConnected) }
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(identifier: "GMT")
            formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
            var headers = [(name: "Content-Type", value: "application/json")]
            if let date { headers.append(("Date", formatter.string(from: date))) }
            return HTTPTransportResponse(status: 200, headers: headers, body: Array(document))
        }
    }

    private static let issuer = "https://login.example.com"

    private static var discovery: [String: Any] {
        [
            "issuer": issuer, "authorization_endpoint": "\(issuer)/authorize", "token_endpoint": "\(issuer)/token",
            "jwks_uri": "\(issuer)/keys", "end_session_endpoint": "\(issuer)/logout",
            "id_token_signing_alg_values_supported": ["ES256"], "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        ]
    }

    // RFC 7517 appendix A.1.
    private static var key: [String: Any] {
        [
            "kty": "EC", "crv": "P-256", "kid": "1", "use": "sig",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        ]
    }

    /// What `doctor` finds at a provider whose discovery document has these changes.
    static func findings(
        discovery changes: [String: Any?] = [:],
        isReachable: Bool = true,
        keys: [[String: Any]]? = nil,
        date: Date? = nil,
        now: Date = Date(timeIntervalSince1970: 1_790_000_000),
        environment: [String: String] = [:]
    ) async throws -> [String: Finding] {
        var discovery = Self.discovery
        for (name, value) in changes { discovery[name] = value }
        let settings = try Settings.load(
            environment: [
                "OIDC_ISSUER": Self.issuer, "OIDC_CLIENT_ID": "app", "OIDC_CLIENT_SECRET": "client-secret",
                "BASE_URL": "https://app.example.com",
            ].merging(environment) { $1 },
            needs: []
        )
        let documents = try Documents(
            discovery: isReachable ? discovery : nil,
            keys: ["keys": keys ?? [Self.key]],
            date: date
        )
        var findings: [String: Finding] = [:]
        let checks = ProviderChecks(
            try #require(settings.provider),
            transport: ObservedTransport(documents, now: { now })
        )
        await checks.run { findings[$0.name] = $0 }
        return findings
    }

    @Test("a provider as it should be")
    func healthy() async throws {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        let findings = try await Self.findings(date: now, now: now)
        #expect(findings.count == 6)
        for finding in findings.values { #expect(finding.level == .ok, "\(finding)") }
        #expect(findings["provider keys"]?.message == "1, for ES256")
    }

    @Test("one that can't be asked, or is another one")
    func discovery() async throws {
        let silent = try await Self.findings(isReachable: false)
        #expect(silent["provider"]?.level == .fail)
        #expect(silent["provider"]?.message.contains(".well-known/openid-configuration") == true)
        let other = try await Self.findings(discovery: ["issuer": "\(Self.issuer)/"])
        #expect(other["provider"]?.level == .fail)
        #expect(other["provider"]?.message.contains("byte for byte") == true)
        let broken = try await Self.findings(discovery: ["token_endpoint": nil])
        #expect(broken["provider"]?.level == .fail)
    }

    @Test("one that doesn't fit this client")
    func unfit() async throws {
        #expect(
            try await Self.findings(discovery: ["code_challenge_methods_supported": ["plain"]])["PKCE"]?.level == .fail
        )
        #expect(try await Self.findings(discovery: ["code_challenge_methods_supported": nil])["PKCE"]?.level == .warn)
        let name = "client authentication"
        let methods = ["token_endpoint_auth_methods_supported": ["private_key_jwt"]]
        #expect(try await Self.findings(discovery: methods)[name]?.level == .fail)
        #expect(try await Self.findings(environment: ["OIDC_CLIENT_SECRET": ""])[name]?.level == .warn)
        #expect(try await Self.findings(discovery: ["end_session_endpoint": nil])["endpoints"]?.level == .warn)
        #expect(try await Self.findings(environment: ["OIDC_USERINFO": "true"])["endpoints"]?.level == .fail)
    }

    @Test("keys that can't verify anything that is accepted")
    func keys() async throws {
        let rsa = ["OIDC_ALLOWED_ALGORITHMS": "RS256"]
        #expect(try await Self.findings(environment: rsa)["provider keys"]?.level == .fail)
        #expect(try await Self.findings(keys: [])["provider keys"]?.level == .fail)
        var encryption = Self.key
        encryption["use"] = "enc"
        #expect(try await Self.findings(keys: [encryption])["provider keys"]?.level == .fail)
    }

    @Test(
        "a clock that is off",
        arguments: [(90.0, Finding.Level.fail), (-90, .fail), (20, .warn), (-20, .warn), (2, .ok)]
    )
    func clock(offset: Double, level: Finding.Level) async throws {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        let findings = try await Self.findings(date: now.addingTimeInterval(offset), now: now)
        #expect(findings["provider clock"]?.level == level, "\(String(describing: findings["provider clock"]))")
    }

    @Test("one that doesn't tell the time is not asked twice")
    func noDate() async throws {
        #expect(try await Self.findings()["provider clock"] == nil)
    }
}
