import Foundation
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("TLS")
struct TLSTests {
    private static let isEncrypted = PostgresStatement("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")

    /// Two authorities, and a server certificate for `localhost` that the first of them signed.
    private struct Certificates {
        let directory: URL

        func file(_ name: String) -> URL { directory.appending(path: name) }

        init(in directory: URL) async throws {
            self.directory = directory
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            for authority in ["ca", "other"] {
                try await openssl("req -x509 -keyout \(authority).key -out \(authority).pem -subj /CN=\(authority)")
            }
            try await openssl(
                "req -x509 -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj /CN=localhost"
                    + " -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:false"
            )
        }

        private func openssl(_ arguments: String) async throws {
            let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            let shell = "cd '\(directory.path)' && openssl \(arguments) \(key) 2>openssl.log"
            try await Command("/bin/sh", ["-c", shell]).run(within: .seconds(60))
        }
    }

    @Test("RB-17 verify-full takes the right authority and host name, and refuses every other")
    func verifyFull() async throws {
        let scratch = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: scratch) }
        let certificates = try await Certificates(in: scratch.appending(path: "certificates"))
        var options = PrivatePostgres.Options()
        options.durable = false
        options.listenOnLoopback = 0
        options.tls = .init(
            certificateFile: certificates.file("server.pem"),
            privateKeyFile: certificates.file("server.key")
        )
        let server = try await PrivatePostgres.start(directory: scratch.appending(path: "server"), options: options)
        let outcome: Result<Void, any Error>
        do {
            try await Self.check(server, certificates)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await server.stop()
        try outcome.get()
    }

    private static func check(_ server: PrivatePostgres, _ certificates: Certificates) async throws {
        func read(host: String, authority: String, password: String? = nil) async throws -> Bool {
            let parameters = ["sslmode": "verify-full", "sslrootcert": certificates.file(authority).path]
            var uri = try #require(try server.loopbackConnectionString(host: host, parameters: parameters))
            if let password { uri += "&password=\(password)" }
            var configuration = PostgresConfiguration(connectionString: Secret(uri))
            configuration.requestTimeout = .seconds(3)
            return try await PostgresClient.withClient(
                configuration: configuration,
                logger: TestDatabase.silentLogger
            ) { client in
                try #require(try await client.read(isEncrypted).first).bool(0)
            }
        }
        #expect(try await read(host: "localhost", authority: "ca.pem"))
        let wrongAuthority = try await postgresError { try await read(host: "localhost", authority: "other.pem") }
        #expect(wrongAuthority.code == .unavailable)
        #expect(wrongAuthority.message.contains("trusted authority"))
        let wrongHost = try await postgresError { try await read(host: "127.0.0.1", authority: "ca.pem") }
        #expect(wrongHost.code == .unavailable)
        #expect(wrongHost.message.contains("another host name"))
        let wrongPassword = try await postgresError {
            try await read(host: "localhost", authority: "ca.pem", password: "geheim")
        }
        #expect(wrongPassword.code == .unavailable)
        #expect(wrongPassword.sqlState == "28P01")
        #expect(!String(reflecting: wrongPassword).contains("geheim"))
    }
}
