import Foundation
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import TestSupport
import Testing

@Suite("A process with one tenant that has an id")
struct OneTenantTests {
    private static let origin = "http://acme.localhost:8080"

    @Test("SS-18 BC-02 its sessions are the tenant's, and a logout by the provider finds them")
    func logout() async throws {
        var client = ScriptedClient()
        client.redirectURIs = [Self.origin + "/callback"]
        let file = FileManager.default.temporaryDirectory.appending(path: "tenant-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try await ScriptedListener.with { [client] in
            ScriptedProvider(issuer: $0, client: client)
        } _: { provider in
            let settings = """
                {
                    "providers": [{"name": "corp", "issuer": "\(provider.issuer)", "client_id": "\(client.id)",
                                   "client_secret": "\(client.secret)"}],
                    "tenants": [{"id": "acme", "base_url": "\(Self.origin)"}]
                }
                """
            try Data(settings.utf8).write(to: file)
            try await ProgramDatabase.withDatabase { database in
                let environment = [
                    "DATABASE_URL": database.uri, "SESSION_SECRET": Program.secret, "PORT": "0", "ADMIN_PORT": "0",
                ]
                let arguments = ["serve", "--config", file.path]
                try await RunningProgram.withProgram(arguments, environment: environment) { program in
                    let address = try await program.wait(for: #"serves http://acme\S+ on (127\.0\.0\.1:[0-9]+)"#)
                    try await Browser.withBrowser { browser in
                        browser.addresses["acme.localhost:8080"] = address
                        try await browser.waitUntilReady("http://" + address)
                        try await signInAndOut(browser, provider, database)
                    }
                    #expect(await program.terminate() == .code(0))
                }
            }
        }
    }

    private func signInAndOut(
        _ browser: Browser,
        _ provider: ScriptedProvider,
        _ database: ProgramDatabase
    ) async throws {
        let started = try await browser.request(Self.origin + "/login")
        let visit = try await browser.request(try #require(started.location))
        #expect(try await browser.request(try #require(visit.location)).status == 303)
        let session = Self.origin + "/session"
        #expect(try await browser.request(session, accept: "application/json").status == 200)
        #expect(try await database.texts("SELECT tenant_id::text FROM sessions") == ["acme"])
        let form = ["logout_token": try provider.logoutToken()]
        #expect(try await browser.request(Self.origin + "/backchannel-logout", form: form).status == 200)
        #expect(try await browser.request(session, accept: "application/json").status == 401)
    }
}
