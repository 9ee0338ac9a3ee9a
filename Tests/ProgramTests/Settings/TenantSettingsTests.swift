import Foundation
import OpenIDConnect
import Secrets
import SessionServer
import Sessions
import Testing

@testable import oidc_sessions

@Suite("Tenants come from the configuration file")
struct TenantSettingsTests {
    private static let providers = #"""
        "providers": [
            {"name": "corp", "issuer": "https://login.corp.example", "client_id": "app"},
            {"name": "social", "issuer": "https://id.example.net", "client_id": "web"}
        ]
        """#

    private func file(_ tenants: String..., more: String = "") -> String {
        "{\(Self.providers), \"tenants\": [\(tenants.joined(separator: ","))]\(more)}"
    }

    @Test("each has its origin, its cookie and its providers, with redirect URIs of its own")
    func tenants() throws {
        let settings = try SettingsFile.load(
            file(
                #"{"id": "acme", "base_url": "https://acme.example.com", "providers": ["social", "corp"]}"#,
                #"{"id": "beta", "base_url": "https://beta.example.com", "providers": ["corp"], "cookie_name": "beta"}"#,
                #"{"id": "gamma", "base_url": "https://gamma.example.com", "default_provider": "corp"}"#
            ),
            environment: ["SESSION_COOKIE_NAME": "all"]
        )
        #expect(settings.tenants.map(\.id) == ["acme", "beta", "gamma"])
        #expect(settings.tenants.map(\.cookieName) == ["all", "beta", "all"])
        #expect(settings.tenants.map(\.defaultProvider) == [nil, "corp", "corp"])
        #expect(settings.policy.tenantID == nil && settings.baseURL == nil)
        #expect(
            settings.tenants.map { $0.providers.map(\.redirectURI) } == [
                ["https://acme.example.com/callback", "https://acme.example.com/callback/corp"],
                ["https://beta.example.com/callback"],
                ["https://gamma.example.com/callback", "https://gamma.example.com/callback/social"],
            ]
        )
        #expect(
            settings.tenants.map { $0.providers.map(\.options.postLogoutRedirectURI) } == [
                ["https://acme.example.com/logged-out", "https://acme.example.com/logged-out"],
                ["https://beta.example.com/logged-out"],
                ["https://gamma.example.com/logged-out", "https://gamma.example.com/logged-out"],
            ]
        )
    }

    @Test("the file of docs/providers.md is one that works")
    func example() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, value) in [("session-secret", Program.secret), ("corp", "one-secret"), ("partners", "another")] {
            try Data(value.utf8).write(to: directory.appending(path: name))
        }
        let block = try #require(try Document("docs/providers.md").blocks("json").first)
        let file = block.replacing("/run/secrets", with: directory.path)
        let settings = try SettingsFile.load(file, needs: [.keyRing, .provider])
        #expect(settings.tenants.map(\.id) == ["acme", "beta"] && settings.providers.count == 2)
        #expect(settings.tenants[0].defaultProvider == "corp" && settings.tenants[1].defaultProvider == "partners")
        #expect(settings.providers.map { $0.clientSecret?.reveal() } == ["one-secret", "another"])
        #expect(settings.warnings == [])
    }

    @Test("the general default holds where a tenant has that provider")
    func generalDefault() throws {
        let settings = try SettingsFile.load(
            file(
                #"{"id": "acme", "base_url": "https://acme.example.com"}"#,
                #"{"id": "beta", "base_url": "https://beta.example.com", "providers": ["corp"]}"#,
                more: #", "default_provider": "social""#
            )
        )
        #expect(settings.tenants.map(\.defaultProvider) == ["social", "corp"])
    }

    @Test("everything that is wrong is said at once, and where it stands")
    func problems() throws {
        let problems = try SettingsFile.problems(
            file(
                #"{"id": "acme", "base_url": "http://acme.example.com", "providers": ["crop"]}"#,
                #"{"base_url": "https://acme.example.com", "provders": ["corp"]}"#,
                #"{"id": "x", "base_url": "https://x.example.com", "providers": ["corp", "corp"]}"#,
                #"{"id": "y", "base_url": "https://y.example.com", "providers": ["corp"], "default_provider": "social"}"#,
                #"{"id": "y", "base_url": "https://y.example.com:8443", "cookie_name": "oidc_session"}"#,
                #"{"id": "z", "base_url": "https://Y.example.com"}"#
            )
        )
        let expected = [
            "tenants[0].base_url: must be an https origin",
            "tenants[0].providers[0]: is no provider here; did you mean corp?",
            "tenants[1].provders: no such setting; did you mean providers?",
            "tenants[1].id: is not set",
            "tenants[2].providers: must be an array of names of providers, each once",
            "tenants[3].default_provider: is no provider here",
            "tenants[4].id: is another tenant's id too",
            "tenants[4].cookie_name: must differ from that of tenant y",
            "tenants[5].base_url: is another tenant's too",
            "tenants[5].cookie_name: must differ",
        ]
        #expect(problems.count == expected.count, "\(problems)")
        for beginning in expected {
            #expect(problems.contains { $0.hasPrefix(beginning) }, "\(beginning) is not in \(problems)")
        }
    }

    @Test("what each tenant has is not the process's to say", arguments: ["BASE_URL", "SESSION_TENANT_ID"])
    func processSettings(name: String) throws {
        let problems = try SettingsFile.problems(
            file(#"{"id": "acme", "base_url": "https://acme.example.com"}"#),
            environment: [name: "https://app.example.com"]
        )
        #expect(
            problems == ["\(name): is set besides the tenants of the configuration file; each of them has its own"]
        )
    }

    @Test("an answer that is posted from another site needs cookies that are only sent over https")
    func formPost() throws {
        let problems = try SettingsFile.problems(
            file(#"{"id": "acme", "base_url": "http://localhost:8080"}"#),
            environment: ["OIDC_RESPONSE_MODE": "form_post"]
        )
        #expect(problems.count == 1 && problems[0].hasPrefix("OIDC_RESPONSE_MODE: form_post needs"), "\(problems)")
    }

    @Test("a provider that nobody may use is worth a line")
    func unusedProvider() throws {
        let settings = try SettingsFile.load(
            file(#"{"id": "acme", "base_url": "https://acme.example.com", "providers": ["corp"]}"#)
        )
        #expect(settings.warnings == ["no tenant lists the provider social"])
    }
}
