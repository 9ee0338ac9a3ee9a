import Foundation
import OpenIDConnect
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import Secrets
import TestSupport
import Testing

@Suite("Promise 11: no secret leaves")
struct LeakTests {
    private static let clientSecret = "MARKED-client-secret-of-this-test-only"
    private static let adminToken = "MARKED-admin-token-Vb3k9Qz7LxTn2RwYc5Hd"
    private static let cronSecret = "MARKED-cron-secret-Pj8sMf4GtEu6KaXv1Nbq"

    /// A server that logs every statement with its values, and keeps everything in files.
    private func withServer(_ body: (PrivatePostgres) async throws -> Void) async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = PrivatePostgres.Options()
        options.durable = false
        options.deadline = .seconds(300)
        options.listenOnLoopback = 0
        options.settings = [
            "log_statement": "'all'", "log_min_duration_statement": "0", "log_min_messages": "debug1",
            "log_connections": "on", "log_parameter_max_length_on_error": "-1", "shared_buffers": "'16MB'",
        ]
        let server = try await PrivatePostgres.start(directory: directory, options: options)
        defer { server.stopBlocking() }
        try await body(server)
    }

    @Test("AD-10 AD-12 SS-02 every flow, all logged: no secret in logs, metrics, arguments, answers or files")
    func everyFlow() async throws {
        try await withServer { server in
            let uri = try #require(try server.loopbackConnectionString())
            try await FaultDeployment.withProvider(database: uri, secret: Self.clientSecret) { provider, environment in
                var environment = environment
                environment["LOG_LEVEL"] = "trace"
                environment["OIDC_USERINFO"] = "true"
                environment["ADMIN_TOKEN"] = Self.adminToken
                environment["CRON_SECRET"] = Self.cronSecret
                let adminPort = try PrivatePostgres.freePort()
                environment["ADMIN_PORT"] = "\(adminPort)"
                var hunt = LeakHunt()
                try hunt.add("client secret", Self.clientSecret)
                try hunt.add("admin token", Self.adminToken)
                try hunt.add("cron secret", Self.cronSecret)
                try hunt.add("session secret", Program.secret)
                try hunt.add("newer session secret", Program.newerSecret)
                try hunt.add("database password", URLComponents(string: uri)?.password)
                let clientCredentials = Data("client-1:\(Self.clientSecret)".utf8).base64EncodedString()
                try hunt.add("client credentials", clientCredentials)

                #expect(try await Program.run(["migrate", "up"], environment: environment).exit == .code(0))
                try await FaultProcess.run(environment) { process in
                    try await logIn(process, provider, &hunt)
                    try await administrate(process, &hunt)
                    try await command(environment, &hunt)
                    try await Browser.withBrowser { browser in
                        let metrics = try await browser.request("http://127.0.0.1:\(adminPort)/metrics")
                        #expect(metrics.body.contains("oidc_logins_total"))
                        hunt.expectNone(in: metrics.body, "the metrics")
                    }
                    let arguments = "/proc/\(process.program.process.processID)/cmdline"
                    hunt.expectNone(in: try String(contentsOfFile: arguments, encoding: .utf8), "the arguments")
                    // An outage has messages of its own.
                    try await stop(server, during: process, &hunt)
                    #expect(await process.program.terminate() == .code(0))
                    let log = process.program.errors
                    #expect(log.contains("\"level\":\"debug\"") && log.contains("Signed in"))
                    hunt.expectNone(in: log, "the log")
                    hunt.expectNone(in: process.program.output, "the output")
                }
                for answer in hunt.answers where !answer.isEmpty { hunt.expectNone(in: answer, "an answer") }
                for output in hunt.outputs where !output.isEmpty { hunt.expectNone(in: output, "a command's output") }
                // The tables' files, the log of changes, the server's own log with every statement and its values.
                try await hunt.expectNone(below: server.directory, except: ["password"], control: "alice-1")
            }
        }
    }

    /// Logins that succeed and fail, a session's life, and cookies that are none.
    private func logIn(_ process: FaultProcess, _ provider: ScriptedProvider, _ hunt: inout LeakHunt) async throws {
        let origin = process.origin
        try await Browser.withBrowser { browser in
            try await tryLogins(process, provider, browser, &hunt)
            try await useSession(process, browser, &hunt)
            try addSeen(by: provider, &hunt)
            let session = try #require(browser.cookies(at: origin)[FaultDeployment.sessionCookie])
            for value in [String(session.dropLast()), session + "A", String(session.reversed())] {
                let answer = try await Browser.withBrowser { other in
                    other.set(FaultDeployment.sessionCookie, value, at: origin)
                    return try await other.request(origin + "/session", accept: "application/json")
                }
                hunt.answers.append(answer.body)
            }
            let left = try await browser.request(origin + "/logout", form: [:], origin: FaultDeployment.publicOrigin)
            try hunt.add(["id_token_hint"], ofQuery: left.location)
        }
        // One stays, for the commands to look at.
        let session = try await Browser.withBrowser { browser in
            try await process.signIn(browser)
            return browser.cookies(at: origin)[FaultDeployment.sessionCookie]
        }
        try hunt.add("session id that stays", session)
        try hunt.add("access token that stays", provider.requests(to: .userInfo).last?.credentials)
    }

    private func tryLogins(
        _ process: FaultProcess,
        _ provider: ScriptedProvider,
        _ browser: Browser,
        _ hunt: inout LeakHunt
    ) async throws {
        let origin = process.origin
        for round in 1...3 {
            let started = try await browser.request(origin + "/login?return_to=/somewhere")
            try hunt.add(["state", "nonce"], ofQuery: started.location)
            let logins = browser.cookies(at: origin).filter { $0.key.contains("login") }
            for (number, cookie) in logins.values.enumerated() { try hunt.add("login \(round)-\(number)", cookie) }
            let answer = try await browser.request(try #require(started.location))
            try hunt.add(["code"], ofQuery: answer.location)
            let location = try #require(answer.location)
            let callback = location.replacing(FaultDeployment.publicOrigin, with: origin)
            switch round {
            case 1:
                provider.misbehave(.idTokenSignature(.broken))
            case 2:
                let said = JSONValue.string("\(Self.clientSecret) \(callback)")
                provider.misbehave(
                    .answer(.token, .json(["error": "invalid_grant", "error_description": said], status: 400))
                )
            default:
                break
            }
            hunt.answers.append(try await browser.request(callback).body)
            provider.misbehave()
            // Once more, by the same browser and by another one.
            hunt.answers.append(try await browser.request(callback).body)
            hunt.answers.append(try await Browser.withBrowser { try await $0.request(callback).body })
        }
        let refused = origin + "/callback?error=access_denied&error_description=\(Self.clientSecret)&state=x"
        hunt.answers.append(try await browser.request(refused).body)
        try hunt.add("session id", browser.cookies(at: origin)[FaultDeployment.sessionCookie])
    }

    private func useSession(_ process: FaultProcess, _ browser: Browser, _ hunt: inout LeakHunt) async throws {
        for path in ["/session/refresh", "/session/refresh", "/logout"] {
            // From another site the last one does nothing.
            let answer = try await browser.request(
                process.origin + path,
                form: [:],
                accept: "application/json",
                origin: path == "/logout" ? "https://evil.example" : FaultDeployment.publicOrigin
            )
            #expect(answer.status == (path == "/logout" ? 403 : 200), "\(answer.body)")
            hunt.answers.append(answer.body)
        }
        for path in ["/", "/session", "/sessions", "/login", "/nothing", "/openapi.json"] {
            hunt.answers.append(try await browser.request(process.origin + path, accept: "application/json").body)
        }
    }

    /// What the provider was shown.
    private func addSeen(by provider: ScriptedProvider, _ hunt: inout LeakHunt) throws {
        for (number, request) in provider.requests.enumerated() {
            switch request.endpoint {
            case .userInfo: try hunt.add("access token \(number)", request.credentials)
            case .token:
                try hunt.add("client credentials \(number)", request.credentials)
                if let verifier = request.form["code_verifier"] { try hunt.add("verifier \(number)", verifier) }
                if let token = request.form["refresh_token"] { try hunt.add("refresh token \(number)", token) }
            default: break
            }
        }
    }

    private func administrate(_ process: FaultProcess, _ hunt: inout LeakHunt) async throws {
        let admin = process.origin + "/api/admin/sessions"
        let cron = process.origin + "/api/cron/cleanup-sessions"
        let tokens: [String?] = [Self.adminToken, Self.cronSecret, Self.adminToken + "x", nil]
        for token in tokens {
            for url in [admin, admin + "/stats", admin + "/cleanup/status", cron, admin + "?token=\(Self.adminToken)"] {
                let answer = try await Browser.withBrowser { browser in
                    try await browser.request(url, accept: "application/json", bearer: token)
                }
                hunt.answers.append(answer.body)
            }
        }
        #expect(hunt.answers.contains { $0.contains("alice-1") })
    }

    /// Every command that reads or writes sessions, and one whose settings are wrong.
    private func command(_ environment: [String: String], _ hunt: inout LeakHunt) async throws {
        var rotating = environment
        rotating["SESSION_SECRET"] = "\(Program.newerSecret),\(Program.secret)"
        let commands: [([String], [String: String])] = [
            (["sessions", "list", "--json"], environment), (["sessions", "stats", "--by-user"], environment),
            (["doctor"], environment), (["cleanup", "--verbose"], environment), (["keys", "status"], rotating),
            (["keys", "rotate"], rotating), (["migrate", "status"], environment),
            (["import", "authjs", "--provider", "corporate", "--issuer", "https://login.example.com"], environment),
            (["serve"], environment.merging(["ADMIN_TOKEN": Self.cronSecret, "OIDC_ISSUER": "http://x"]) { $1 }),
            (["migrate", "status"], environment.merging(["DATABASE_URL": wrongPassword(environment)]) { $1 }),
        ]
        for (arguments, environment) in commands {
            let outcome = try await Program.run(arguments, environment: environment)
            #expect(outcome.exit != nil, "\(arguments)")
            hunt.outputs += [outcome.output, outcome.errors]
        }
        #expect(hunt.outputs.contains { $0.contains("alice-1") })
    }

    private func wrongPassword(_ environment: [String: String]) -> String {
        (environment["DATABASE_URL"] ?? "").replacing("@127.0.0.1", with: "x@127.0.0.1")
    }

    private func stop(_ server: PrivatePostgres, during process: FaultProcess, _ hunt: inout LeakHunt) async throws {
        let configuration = PostgresConfiguration(connectionString: Secret(server.connectionString))
        try await PostgresClient.withClient(configuration: configuration, logger: TestDatabase.silentLogger) {
            // What is in memory is in the files then.
            _ = try await $0.write(PostgresStatement("CHECKPOINT"))
        }
        try await server.stop()
        try await Browser.withBrowser { browser in
            browser.set(FaultDeployment.sessionCookie, String(repeating: "A", count: 43), at: process.origin)
            for path in ["/health/ready", "/session"] {
                let answer = try await browser.request(process.origin + path)
                #expect(answer.status == 503)
                hunt.answers.append(answer.body)
            }
        }
    }
}
