import Crypto
import Foundation
import NIOHTTP1
import PostgresPipeline
import Secrets
import TestSupport
import Testing

/// Back-channel logout by a provider that somebody else has written, at two processes of the program on one database.
@Suite(.serialized, .timeLimit(.minutes(8))) struct BackChannelLogoutTests {
    @Test("CL-04 BC-03 idpyoidc signs its user out at one replica, and the session is gone at both")
    func idpyoidc() async throws {
        let ports = [try FreePort.find(), try FreePort.find()]
        let origin = "http://localhost:\(ports[0])"
        let replicas = ports.map { "http://127.0.0.1:\($0)" }
        try await TestDatabase.shared.withDatabase { database in
            try await ThirdPartyProvider.idpyoidc.run(
                redirectURI: origin + "/callback",
                postLogoutRedirectURI: replicas[1] + "/backchannel-logout"
            ) { settings in
                let issuer = try #require(settings["OIDC_ISSUER"])
                let environment = settings.merging([
                    "DATABASE_URL": database, "BASE_URL": origin, "ADMIN_PORT": "0",
                    "SESSION_SECRET": SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() },
                    "OIDC_SCOPES": "openid profile",
                ]) { $1 }
                var programs: [RunningProgram] = []
                do {
                    for port in ports {
                        programs.append(try await .serve(environment.merging(["PORT": "\(port)"]) { $1 }))
                    }
                    try await PlainBrowser.withBrowser { browser in
                        try await signIn(browser, origin: origin, at: replicas[0])
                        for replica in replicas {
                            #expect(try await browser.request(replica + "/session").status == 200)
                        }
                        let sent = try await browser.request(issuer + "/sign-out", method: .POST)
                        #expect(sent.body == "200", "\(sent.body)")
                        for replica in replicas {
                            #expect(try await browser.request(replica + "/session").status == 401)
                        }
                        let left = try await counts(in: database)
                        #expect(left.sessions == 0 && left.remembered == 1)
                        // What is remembered of the logout is no obstacle to the next login. The provider dates in seconds,
                        // and this login has to be in a later one.
                        try await ageLogouts(in: database)
                        try await signIn(browser, origin: origin, at: replicas[1])
                        for replica in replicas {
                            #expect(try await browser.request(replica + "/session").status == 200)
                        }
                    }
                } catch {
                    let said = programs.map { $0.transcript.suffix(4_000) }.joined(separator: "\n")
                    for program in programs { await program.stop() }
                    throw BrowserTestError("\(error)\noidc-sessions said:\n\(said)")
                }
                for program in programs { await program.stop() }
            }
        }
    }

    private func signIn(_ browser: PlainBrowser, origin: String, at replica: String) async throws {
        let started = try await browser.request(replica + "/login")
        let visited = try await browser.request(try #require(started.location))
        let callback = try #require(visited.location)
        let path = try #require(callback.hasPrefix(origin) ? callback.dropFirst(origin.count) : nil)
        let finished = try await browser.request(replica + path)
        try #require(finished.status == 303, "\(finished.status) \(finished.body)")
    }

    /// As if a minute had passed since the provider's logouts.
    private func ageLogouts(in database: String) async throws {
        try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(database)),
            logger: TestDatabase.silentLogger
        ) { client in
            let shift = PostgresStatement("UPDATE logout_tokens SET issued_at = issued_at - interval '1 minute'")
            _ = try await client.write(shift)
        }
    }

    private func counts(in database: String) async throws -> (sessions: Int, remembered: Int) {
        let counts = PostgresStatement(
            "SELECT (SELECT count(*) FROM sessions WHERE sub IS NOT NULL), (SELECT count(*) FROM logout_tokens)"
        )
        return try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(database)),
            logger: TestDatabase.silentLogger
        ) { client in
            let row = try #require(try await client.read(counts).first)
            return (Int(try row.int8(0)), Int(try row.int8(1)))
        }
    }
}
