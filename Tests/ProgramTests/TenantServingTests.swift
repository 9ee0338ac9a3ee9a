import Foundation
import PostgresPipeline
import PrivatePostgres
import TestSupport
import Testing

/// `serve` with the configuration file of two tenants and three providers, one of which is out of order.
@Suite("Several tenants and providers in one process", .serialized)
struct TenantServingTests {
    private static let acme = "http://acme.localhost:8080"
    private static let beta = "http://beta.localhost:8080"
    private static let adminToken = "3xYl0mQd9v2Tz8JwUe7RbKq1HnGs5CfA"

    private struct Deployment {
        let program: RunningProgram
        let database: ProgramDatabase
        /// Where it really listens.
        let address: String
        let configuration: String
        let environment: [String: String]
        let issuers: [String]

        /// A browser that finds the tenants.
        func withBrowser<R>(_ body: (Browser) async throws -> R) async throws -> R {
            try await Browser.withBrowser { browser in
                for host in ["acme", "beta", "other"] { browser.addresses["\(host).localhost:8080"] = address }
                try await browser.waitUntilReady("http://" + address)
                return try await body(browser)
            }
        }
    }

    private static func configuration(_ issuers: [String], secretFile: String) -> String {
        """
        {
            "providers": [
                {"name": "corp", "issuer": "\(issuers[0])", "client_id": "\(Providers.clientID)",
                 "client_secret_file": "\(secretFile)"},
                {"name": "social", "issuer": "\(issuers[1])", "client_id": "\(Providers.clientID)",
                 "client_secret": "\(Providers.secret)"},
                {"name": "broken", "issuer": "http://127.0.0.1:9", "client_id": "x"}
            ],
            "tenants": [
                {"id": "acme", "base_url": "\(acme)"},
                {"id": "beta", "base_url": "\(beta)", "providers": ["corp"]}
            ]
        }
        """
    }

    private func withDeployment(_ body: (Deployment) async throws -> Void) async throws {
        let directory = TestDatabase.scratchDirectory()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let secret = directory.appending(path: "secret")
        let file = directory.appending(path: "settings.json")
        try Data((Providers.secret + "\n").utf8).write(to: secret)
        let redirectURIs = [
            [Self.acme + "/callback", Self.beta + "/callback"], [Self.acme + "/callback/social"],
        ]
        try await Providers.run(redirectURIs: redirectURIs) { issuers in
            try Data(Self.configuration(issuers, secretFile: secret.path).utf8).write(to: file)
            try await ProgramDatabase.withDatabase { database in
                let environment = [
                    "DATABASE_URL": database.uri, "SESSION_SECRET": Program.secret, "PORT": "0", "ADMIN_PORT": "0",
                    "ADMIN_TOKEN": Self.adminToken,
                ]
                let arguments = ["serve", "--config", file.path]
                try await RunningProgram.withProgram(arguments, environment: environment) { program in
                    let pattern = #"serves http://acme\S+, http://beta\S+ on (127\.0\.0\.1:[0-9]+)"#
                    try await body(
                        Deployment(
                            program: program,
                            database: database,
                            address: try await program.wait(for: pattern),
                            configuration: file.path,
                            environment: environment,
                            issuers: issuers
                        )
                    )
                    #expect(await program.terminate() == .code(0))
                    #expect(!program.errors.contains(Providers.secret))
                }
            }
        }
    }

    private func whoAmI(
        _ browser: Browser,
        at origin: String,
        _ fields: [String: String] = [:]
    ) async throws -> String? {
        let page = try await browser.request(origin + "/session", accept: "application/json", fields: fields)
        guard page.status == 200 else {
            #expect(page.status == 401)
            return nil
        }
        let object = try JSONSerialization.jsonObject(with: Data(page.body.utf8)) as? [String: Any]
        return "\(object?["tenantId"] ?? "-")/\(object?["provider"] ?? "-")"
    }

    @Test("SS-18 a session or a login of one tenant is nothing at another, whatever headers say")
    func isolation() async throws {
        try await withDeployment { deployment in
            try await deployment.withBrowser { browser in
                _ = try await browser.signIn(at: Self.acme, as: "user-ada", login: "/login?provider=social")
                #expect(try await whoAmI(browser, at: Self.acme) == "acme/social")
                let stolen = browser.cookies(at: Self.acme)
                for (name, value) in stolen { browser.set(name, value, at: Self.beta) }
                #expect(try await whoAmI(browser, at: Self.beta) == nil)
                // Nobody here is a trusted proxy.
                #expect(try await whoAmI(browser, at: Self.acme, ["X-Forwarded-Host": "beta.localhost:8080"]) != nil)
                #expect(try await whoAmI(browser, at: Self.beta, ["X-Forwarded-Host": "acme.localhost:8080"]) == nil)

                let login = "/login?provider=corp"
                let callback = try await browser.callback(at: Self.acme, as: "user-grace", login: login)
                for (name, value) in browser.cookies(at: Self.acme) { browser.set(name, value, at: Self.beta) }
                let elsewhere = try await browser.request(
                    callback.replacing(Self.acme, with: Self.beta),
                    accept: "application/json"
                )
                #expect(elsewhere.status == 400 && elsewhere.body.contains("login_not_found"))
                #expect(try await browser.request(callback).status == 303)

                // Logging out of beta with acme's cookies ends nothing of acme's.
                for (name, value) in browser.cookies(at: Self.acme) { browser.set(name, value, at: Self.beta) }
                let sameOrigin = ["Sec-Fetch-Site": "same-origin"]
                _ = try await browser.request(Self.beta + "/logout", form: [:], fields: sameOrigin)
                #expect(try await whoAmI(browser, at: Self.acme) == "acme/corp")
                let own = try await browser.request(Self.acme + "/sessions", accept: "application/json")
                #expect(own.status == 200)
                #expect(
                    try await deployment.database.texts("SELECT DISTINCT tenant_id::text FROM sessions") == ["acme"]
                )
            }
        }
    }

    @Test("CB-13 each provider of each tenant has its redirect URI; a tenant without a default asks")
    func logins() async throws {
        try await withDeployment { deployment in
            try await deployment.withBrowser { browser in
                let choices = try await browser.request(Self.acme + "/login", accept: "application/json")
                #expect(choices.status == 200 && choices.body.contains("/login?provider=social"))
                for (login, issuer, uri) in [
                    (Self.acme + "/login?provider=corp", 0, Self.acme + "/callback"),
                    (Self.acme + "/login?provider=social", 1, Self.acme + "/callback/social"),
                    (Self.beta + "/login", 0, Self.beta + "/callback"),
                ] {
                    let location = try #require(try await browser.request(login).location)
                    #expect(location.hasPrefix(deployment.issuers[issuer]))
                    let query = try #require(URLComponents(string: location)?.queryItems)
                    #expect(query.first { $0.name == "redirect_uri" }?.value == uri)
                }
                #expect(try await browser.request(Self.beta + "/login?provider=social").status == 404)
                // One provider that is out of order is its own users' trouble alone.
                #expect(try await browser.request(Self.acme + "/login?provider=broken").status == 502)
                _ = try await browser.signIn(at: Self.beta, as: "user-ada")
                #expect(try await whoAmI(browser, at: Self.beta) == "beta/corp")
            }
        }
    }

    @Test("A host that is nobody's finds the process's own routes and nothing else; administrators see all tenants")
    func otherHosts() async throws {
        try await withDeployment { deployment in
            try await deployment.withBrowser { browser in
                _ = try await browser.signIn(at: Self.acme, as: "user-ada", login: "/login?provider=corp")
                _ = try await browser.signIn(at: Self.beta, as: "user-ada")
                for path in ["/", "/login", "/login?provider=corp", "/session", "/callback", "/sessions", "/nothing"] {
                    let url = "http://other.localhost:8080" + path
                    let page = try await browser.request(url, accept: "application/json")
                    #expect(page.status == 421 && page.body.contains("unknown_host"), "\(path): \(page.status)")
                }
                #expect(try await browser.request("http://other.localhost:8080/health/live").status == 200)
                let list = "/api/admin/sessions"
                for origin in [Self.acme, Self.beta, "http://other.localhost:8080"] {
                    #expect(try await browser.request(origin + list).status == 401)
                    let page = try await browser.request(origin + list, bearer: Self.adminToken)
                    #expect(page.status == 200)
                    #expect(page.body.contains(#""tenantId":"acme""#) && page.body.contains(#""tenantId":"beta""#))
                    let one = try await browser.request(origin + list + "?tenantId=beta", bearer: Self.adminToken)
                    #expect(!one.body.contains(#""tenantId":"acme""#) && one.body.contains(#""tenantId":"beta""#))
                    let statistics = try await browser.request(origin + list + "/stats", bearer: Self.adminToken)
                    #expect(statistics.body.contains(#""sessionsByTenant":{"acme":1,"beta":1}"#))
                }
            }
            let arguments = ["sessions", "list", "--json", "--tenant", "beta", "--config", deployment.configuration]
            let listed = try await Program.run(arguments, environment: deployment.environment)
            #expect(listed.exit == .code(0))
            #expect(listed.output.split(separator: "\n").count == 1 && listed.output.contains("beta"))
        }
    }

    @Test("doctor looks at every provider and every tenant, and one that is out of order doesn't hide the others")
    func doctor() async throws {
        try await withDeployment { deployment in
            let arguments = ["doctor", "--config", deployment.configuration]
            let outcome = try await Program.run(arguments, environment: deployment.environment)
            #expect(outcome.exit == .code(1))
            #expect(outcome.output.contains("ok    provider of corp: \(deployment.issuers[0])"), "\(outcome.output)")
            #expect(outcome.output.contains("ok    provider of social: \(deployment.issuers[1])"))
            #expect(outcome.output.contains("fail  provider of broken: "))
            #expect(outcome.output.contains("redirect URI of acme: \(Self.acme)/callback at corp, "))
            #expect(outcome.output.contains("redirect URI of beta: \(Self.beta)/callback is"))
        }
    }
}
