import Logging
import Observability
import SessionServer
import Sessions
import TestSupport
import Testing

@testable import LoginFlow
@testable import OpenIDConnect
@testable import oidc_sessions

@Suite("What is served is put together as the settings say")
struct BackendTests {
    private static let environment = [
        "DATABASE_URL": "postgresql://nobody@/none?host=%2Fnonexistent", "SESSION_SECRET": Program.secret,
        "TRUSTED_PROXIES": "192.0.2.1", "SESSION_ADDRESS_STORAGE": "truncated", "LOGIN_RATE_PER_ADDRESS": "7",
        "LOGIN_MAXIMUM_PENDING": "2500", "ADMIN_TOKEN": "3xYl0mQd9v2Tz8JwUe7RbKq1HnGs5CfA",
        "OIDC_THIRD_PARTY_LOGIN": "true",
    ]

    /// Two tenants with one client, of which the first has another beside it.
    private static let tenants = #"""
        {
            "providers": [
                {"name": "corp", "issuer": "https://login.corp.example", "client_id": "app"},
                {"name": "social", "issuer": "https://id.example.net", "client_id": "web"}
            ],
            "tenants": [
                {"id": "acme", "base_url": "https://acme.example.com"},
                {"id": "beta", "base_url": "https://beta.example.com", "providers": ["corp"]}
            ]
        }
        """#

    private func backend(_ settings: Settings) throws -> Backend {
        try Backend(
            settings: settings,
            options: Backend.Options(),
            metrics: PrometheusRegistry(),
            logger: TestDatabase.silentLogger
        )
    }

    @Test("RO-02 DJ-07 tenants with one client share what is known of the provider, and the bounds of asking it")
    func shared() throws {
        let sites = try backend(try SettingsFile.load(Self.tenants, environment: Self.environment, needs: .serving))
            .sites
        try #require(sites.count == 2)
        #expect(sites[0].flow.refresher.work === sites[1].flow.refresher.work)
        let parties = try sites.map { try #require($0.flow.providers["corp"]) }
        #expect(parties[0].metadataSource.cache === parties[1].metadataSource.cache)
        #expect(parties[0].keys.cache === parties[1].keys.cache)
        #expect(parties[0].pushes === parties[1].pushes)
        let other = try #require(sites[0].flow.providers["social"])
        #expect(other.metadataSource.cache !== parties[0].metadataSource.cache)
        #expect(other.pushes !== parties[0].pushes)
    }

    @Test("SS-18 each tenant's flow has a manager for which no other tenant exists")
    func scopes() throws {
        let sites = try backend(try SettingsFile.load(Self.tenants, environment: Self.environment, needs: .serving))
            .sites
        #expect(sites.map(\.flow.manager.policy.tenantID) == ["acme", "beta"])
    }

    @Test("What settings say of addresses, rates, tokens and logins holds for every tenant")
    func settings() throws {
        let settings = try SettingsFile.load(Self.tenants, environment: Self.environment, needs: .serving)
        let sites = try backend(settings).sites
        for site in sites {
            #expect(site.settings.trustedProxies == settings.trustedProxies && settings.trustedProxies != .none)
            #expect(site.settings.addressStorage == .truncated)
            #expect(site.settings.allowsThirdPartyLogin)
            #expect(site.settings.adminTokens != nil && site.settings.cronSecrets == nil)
            #expect(site.flow.manager.policy.maximumPendingLogins == 2500)
        }
        let limiters = try sites.map { try #require($0.settings.loginLimiter) }
        #expect(limiters[0] === limiters[1], "an address has one limit, whatever tenants it visits")
    }
}
