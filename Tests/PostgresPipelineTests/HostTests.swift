import Foundation
import Glibc
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("Connection strings")
struct HostTests {
    private static let whereAmI = PostgresStatement(
        "SELECT current_setting('default_transaction_read_only'), current_setting('unix_socket_directories')"
    )

    /// Where a server's socket is, out of its URI.
    private static func socket(of uri: String) throws -> (directory: String, port: String) {
        let items = try #require(URLComponents(string: uri)?.queryItems)
        return (
            try #require(items.first { $0.name == "host" }?.value),
            try #require(items.first { $0.name == "port" }?.value)
        )
    }

    private static func configuration(_ uri: String) -> PostgresConfiguration {
        PostgresConfiguration(connectionString: Secret(uri))
    }

    @Test("of several hosts the one that accepts writes is taken")
    func severalHosts() async throws {
        var options = PrivatePostgres.Options()
        options.durable = false
        options.settings = ["default_transaction_read_only": "on"]
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let readOnly = try await PrivatePostgres.start(directory: directory, options: options)
        let outcome: Result<Void, any Error>
        do {
            try await TestDatabase.shared.withDatabase(migrated: false) { uri in
                let main = try Self.socket(of: uri)
                let other = try Self.socket(of: readOnly.connectionString)
                var components = try #require(URLComponents(string: readOnly.connectionString))
                func answer(_ attributes: String) async throws -> (isReadOnly: String, socket: String) {
                    components.queryItems = [
                        URLQueryItem(name: "host", value: "/nonexistent,\(other.directory),\(main.directory)"),
                        URLQueryItem(name: "port", value: "5432,\(other.port),\(main.port)"),
                        URLQueryItem(name: "target_session_attrs", value: attributes),
                    ]
                    let uri = try #require(components.string)
                    return try await PostgresClient.withClient(
                        configuration: Self.configuration(uri),
                        logger: TestDatabase.silentLogger
                    ) { client in
                        let row = try #require(try await client.read(Self.whereAmI).first)
                        return (try row.text(0), try row.text(1))
                    }
                }
                let writable = try await answer("read-write")
                #expect(writable.isReadOnly == "off")
                #expect(writable.socket == main.directory)
                let first = try await answer("any")
                #expect(first.isReadOnly == "on")
                #expect(first.socket == other.directory)
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await readOnly.stop()
        try outcome.get()
    }

    @Test("a host that accepts the connection and then stays silent does not keep the next one from being tried")
    func silentHost() async throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        #expect(bound)
        let silentPort = UInt16(bigEndian: address.sin_port)
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let main = try Self.socket(of: uri)
            var components = try #require(URLComponents(string: uri))
            components.queryItems = [
                URLQueryItem(name: "host", value: "127.0.0.1,\(main.directory)"),
                URLQueryItem(name: "port", value: "\(silentPort),\(main.port)"),
            ]
            var configuration = Self.configuration(try #require(components.string))
            configuration.connectTimeout = .milliseconds(300)
            configuration.requestTimeout = .seconds(30)
            try await PostgresClient.withClient(
                configuration: configuration,
                logger: TestDatabase.silentLogger
            ) { client in
                let row = try #require(try await client.read(Self.whereAmI).first)
                #expect(try row.text(1) == main.directory)
            }
        }
    }

    @Test(
        "a malformed connection string is a configuration error that does not quote it",
        arguments: [
            "postgresql://user:geh%zzeim@localhost/db",
            "postgresql://user:geheim@[::1/db",
            "postgresql://user:geheim@localhost/db?no_such_option=1",
            "host=localhost geheim",
            "password='geheim",
            "geheim",
        ]
    )
    func malformed(text: String) async throws {
        let client = PostgresClient(
            configuration: Self.configuration(text),
            logger: TestDatabase.silentLogger
        )
        let errors = [
            try await postgresError { try await client.run() },
            try await postgresError { try await client.read(ReadTests.echo, .int8(1)) },
            try await postgresError { try await client.write(ReadTests.echo, [.int8(1)]) },
            try await postgresError { try await client.transaction { _ in } },
            try await postgresError { try await client.withDedicatedConnection { _ in } },
        ]
        for error in errors {
            #expect(error.code == .configuration)
            #expect(!String(reflecting: error).contains("eim"))
        }
        #expect(!client.isConnected)
    }

    @Test("an option with a value that libpq refuses is a configuration error too")
    func invalidOption() async throws {
        let text = "postgresql://user:geheim@localhost/db?sslmode=geheim"
        let error = try await postgresError {
            try await PostgresClient.withClient(
                configuration: Self.configuration(text),
                logger: TestDatabase.silentLogger
            ) { try await $0.read(ReadTests.echo, .int8(1)) }
        }
        #expect(error.code == .configuration)
        #expect(!String(reflecting: error).contains("geheim"))
    }
}
