import Crypto
import Foundation
import Logging
import PostgresPipeline
import Secrets
import TestSupport
import Testing

/// The program from outside, against its own description.
@Suite(.serialized, .timeLimit(.minutes(8))) struct DescriptionTests {
    /// What a browser would send; 43 characters of base64url.
    private static let cookie = "schemathesis-schemathesis-schemathesis-sess"
    private static let adminToken = "c2NoZW1hdGhlc2lzLWFkbWluLXRva2Vu-0123456789"
    private static let cronSecret = "c2NoZW1hdGhlc2lzLWNyb24tc2VjcmV0-9876543210"

    @Test("schemathesis finds no 5xx, no undescribed status, and no answer of another form than openapi.json says")
    func schemathesis() async throws {
        let interpreter = try await PythonEnvironment.shared.interpreter()
        try await TestDatabase.shared.withDatabase { database in
            try await Self.fill(database)
            let port = try FreePort.find()
            let program = try await RunningProgram.serve([
                // The cookie's name is the described one only on https; nothing asks how a request came here.
                "DATABASE_URL": database, "BASE_URL": "https://app.example", "PORT": "\(port)", "ADMIN_PORT": "0",
                "SESSION_SECRET": SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() },
                // Nobody listens there: a login is answered with the described 502. By form, so that all routes exist.
                "OIDC_ISSUER": "http://127.0.0.1:1", "OIDC_CLIENT_ID": "schemathesis", "OIDC_CLIENT_SECRET": "none",
                "OIDC_RESPONSE_MODE": "form_post", "OIDC_THIRD_PARTY_LOGIN": "true",
                "ADMIN_TOKEN": Self.adminToken, "CRON_SECRET": Self.cronSecret,
            ])
            do {
                try await Repository.withTemporaryDirectory { folder in
                    let transcript = try await Self.run(interpreter, folder, "http://127.0.0.1:\(port)")
                    // A run that reached nothing would find nothing.
                    #expect(transcript.contains(/Tested: +[23][0-9]/), "\(transcript)")
                }
            } catch {
                await program.stop()
                throw BrowserTestError("\(error)\noidc-sessions said:\n\(program.transcript.suffix(4_000))")
            }
            await program.stop()
        }
    }

    private static func run(_ interpreter: URL, _ folder: URL, _ origin: String) async throws -> String {
        let settings = folder.appending(path: "schemathesis.toml")
        try """
        seed = 20261121
        headers = { "Sec-Fetch-Site" = "same-origin" }
        [auth.openapi.adminToken]
        bearer = "\(adminToken)"
        [auth.openapi.cronSecret]
        bearer = "\(cronSecret)"
        [auth.openapi.session]
        api_key = "\(cookie)"
        [[operations]]
        include-operation-id = "startLogin"
        checks = { not_a_server_error = { expected-statuses = ["2xx", "3xx", "4xx", 502] } }
        """.write(to: settings, atomically: true, encoding: .utf8)
        let process = try await OutsideProgram(
            interpreter,
            [
                "-m", "schemathesis.cli", "--config-file", settings.path, "--no-color", "run",
                "\(origin)/openapi.json", "--url", origin, "--phases", "examples,coverage,fuzzing",
                "--max-examples", "10", "--max-time", "45", "--request-timeout", "20", "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,"
                    + "response_headers_conformance,response_schema_conformance,ignored_auth,"
                    + "allow_header_conformance",
            ],
            directory: folder
        )
        try await process.finished()
        return process.transcript
    }

    /// Sessions in every state, and two of the cookie's user, which no request can end.
    private static func fill(_ database: String) async throws {
        try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(database)),
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        ) { client in
            try await client.withDedicatedConnection { connection in
                try await connection.execute(
                    script: """
                        INSERT INTO sessions (id, sub, tenant_id, user_agent, expires_at, revoked_at, revoked_reason)
                        SELECT
                            encode(sha256(convert_to('schemathesis-' || number, 'UTF8')), 'hex'),
                            'user-' || number % 7,
                            CASE WHEN number % 2 = 0 THEN 'acme' ELSE '' END,
                            'Mozilla/5.0',
                            now() + make_interval(hours => number % 5 - 2),
                            CASE WHEN number % 3 = 0 THEN now() END,
                            CASE WHEN number % 3 = 0 THEN 'revoked' END
                        FROM generate_series(1, 300) AS number;

                        -- The second one has the handle that the description gives as an example.
                        INSERT INTO sessions (id, sub, expires_at)
                        SELECT id, 'user', now() + interval '1 day'
                        FROM
                            unnest(ARRAY[
                                encode(sha256(convert_to('\(cookie)', 'UTF8')), 'hex'),
                                repeat('0123456789abcdef', 4)
                            ]) AS id;

                        CREATE FUNCTION keep_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                        CREATE TRIGGER keep_row
                        BEFORE DELETE OR UPDATE OF revoked_at ON sessions
                        FOR EACH ROW
                        WHEN (old.sub = 'user')
                        EXECUTE FUNCTION keep_row();
                        """
                )
            }
        }
    }
}
