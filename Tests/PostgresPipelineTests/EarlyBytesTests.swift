import Foundation
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

/// Somebody between client and server who speaks before TLS begins (CVE-2021-23222, CVE-2023-31136).
@Suite("Bytes before TLS")
struct EarlyBytesTests {
    /// AuthenticationOk, BackendKeyData and ReadyForQuery: as if the server had let the client in.
    private static let welcome: [UInt8] = [
        0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x4B, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 2, 0x5A, 0, 0, 0, 5, 0x49,
    ]

    @Test("PT-19 what somebody adds in the clear to the server's consent to TLS is believed by nobody")
    func addition() async throws {
        try await withServer { uri, port in
            for addition in [[], Self.welcome] {
                let interloper = try Interloper(before: port, adding: addition)
                defer { interloper.stop() }
                let uri = uri.replacing(":\(port)/", with: ":\(interloper.port)/")
                #expect(uri.contains(":\(interloper.port)/"))
                if addition.isEmpty {
                    // Otherwise a refusal would say nothing.
                    try await Self.read(uri)
                } else {
                    let error = try await postgresError { try await Self.read(uri) }
                    #expect(error.code == .unavailable)
                    #expect(error.message.contains("spoke in the clear before TLS"), "\(error.message)")
                }
            }
        }
    }

    @Test("PT-19 a server that wants no TLS, or answers something else, gets no password", arguments: ["N", "E", ""])
    func noConsent(answer: String) async throws {
        let interloper = try Interloper(answering: Array(answer.utf8) + Self.welcome)
        defer { interloper.stop() }
        let uri = "postgresql://someone:geheim@127.0.0.1:\(interloper.port)/none?sslmode=require"
        let error = try await postgresError { try await Self.read(uri) }
        #expect(error.code == .unavailable)
        #expect(!interloper.received.contains("geheim"))
    }

    private static func read(_ uri: String) async throws {
        var configuration = PostgresConfiguration(connectionString: Secret(uri))
        configuration.requestTimeout = .seconds(5)
        try await PostgresClient.withClient(configuration: configuration, logger: TestDatabase.silentLogger) { client in
            _ = try await client.read(PostgresStatement("SELECT 1"))
        }
    }

    /// A server with TLS on a port of this machine.
    private func withServer(_ body: (_ uri: String, _ port: UInt16) async throws -> Void) async throws {
        let scratch = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: scratch) }
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        let shell = "cd '\(scratch.path)' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        let command = Command("/bin/sh", ["-c", shell + " -days 2 -keyout k.pem -out c.pem -subj /CN=localhost 2>log"])
        try await command.run(within: .seconds(60))
        var options = PrivatePostgres.Options()
        options.durable = false
        options.listenOnLoopback = 0
        options.tls = .init(
            certificateFile: scratch.appending(path: "c.pem"),
            privateKeyFile: scratch.appending(path: "k.pem")
        )
        let server = try await PrivatePostgres.start(directory: scratch.appending(path: "server"), options: options)
        do {
            let uri = try #require(
                try server.loopbackConnectionString(host: "127.0.0.1", parameters: ["sslmode": "require"])
            )
            let match = try #require(uri.firstMatch(of: /:(\d+)\//))
            try await body(uri, try #require(UInt16(match.1)))
        } catch {
            try await server.stop()
            throw error
        }
        try await server.stop()
    }
}
