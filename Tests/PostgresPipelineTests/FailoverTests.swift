import Foundation
import Patience
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("Servers that change their role, their password or their mind")
struct FailoverTests {
    private static let whereAmI = PostgresStatement("SELECT current_setting('unix_socket_directories')")

    private static func patient(_ uri: String) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(connectionString: Secret(uri))
        configuration.requestTimeout = .seconds(300)
        configuration.connectTimeout = .seconds(60)
        return configuration
    }

    @Test("RB-04 a server that turns read-only under open connections is left for the one that accepts writes")
    func turnsReadOnly() async throws {
        try await TestDatabase.withServer { first in
            try await TestDatabase.shared.withDatabase(migrated: false) { second in
                func items(_ uri: String) throws -> (host: String, port: String) {
                    let items = try #require(URLComponents(string: uri)?.queryItems)
                    return (
                        try #require(items.first { $0.name == "host" }?.value),
                        try #require(items.first { $0.name == "port" }?.value)
                    )
                }
                let (one, two) = (try items(first.connectionString), try items(second))
                var components = try #require(URLComponents(string: first.connectionString))
                components.queryItems = [
                    URLQueryItem(name: "host", value: "\(one.host),\(two.host)"),
                    URLQueryItem(name: "port", value: "\(one.port),\(two.port)"),
                    URLQueryItem(name: "target_session_attrs", value: "read-write"),
                ]
                let uri = try #require(components.string)
                let logger = TestDatabase.silentLogger
                try await PostgresClient.withClient(configuration: Self.patient(uri), logger: logger) { client in
                    #expect(try #require(try await client.read(Self.whereAmI).first).text(0) == one.host)
                    let direct = Self.patient(first.connectionString)
                    try await PostgresClient.withClient(configuration: direct, logger: logger) { admin in
                        try await admin.write(
                            PostgresStatement("ALTER SYSTEM SET default_transaction_read_only = on")
                        )
                        _ = try await admin.read(PostgresStatement("SELECT pg_reload_conf()"))
                    }
                    // Reads too: what a server says that others write past isn't true for long.
                    try await eventually("it leaves the server that takes no writes") {
                        try #require(try await client.read(Self.whereAmI).first).text(0) == two.host
                    }
                    try await eventually("it writes to the other") {
                        (try? await client.write(Self.whereAmI).first?.text(0)) == two.host
                    }
                }
            }
        }
    }

    @Test("RB-18 a password that changes is read again from its file by the next connection")
    func changedPassword() async throws {
        try await TestDatabase.withServer {
            $0.listenOnLoopback = 0
        } _: { server in
            let port = try #require(server.loopbackPort)
            let file = server.directory.appending(path: "passfile")
            let old = try String(contentsOf: server.directory.appending(path: "password"), encoding: .utf8)
            func write(_ password: String) throws {
                try Data("127.0.0.1:\(port):*:postgres:\(password)\n".utf8).write(to: file)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            }
            try write(old)
            let logger = TestDatabase.silentLogger
            let uri = "postgresql://postgres@127.0.0.1:\(port)/postgres?passfile=\(file.path)"
            try await PostgresClient.withClient(configuration: Self.patient(uri), logger: logger) { client in
                let process = PostgresStatement("SELECT pg_backend_pid()")
                let before = try #require(try await client.read(process).first).int4(0)
                try await client.write(PostgresStatement("ALTER ROLE postgres PASSWORD 'the next one'"))
                try write("the next one")
                let direct = Self.patient(server.connectionString)
                try await PostgresClient.withClient(configuration: direct, logger: logger) { other in
                    let end = PostgresStatement("SELECT pg_terminate_backend($1, 60000)", parameters: [.int4])
                    _ = try await other.read(end, .int4(before))
                }
                let after = try #require(try await client.read(process).first).int4(0)
                #expect(after != before)
            }
        }
    }

    @Test("RB-11 a server without a free connection is waited for, and says so to whoever can't wait")
    func noConnectionLeft() async throws {
        try await TestDatabase.shared.withClient(migrated: false) { direct in
            let name = "crowded_" + UUID().uuidString.prefix(8).lowercased()
            try await direct.write(PostgresStatement("CREATE ROLE \(name) LOGIN CONNECTION LIMIT 0"))
            let database = PostgresStatement("SELECT current_database()::text")
            let current = try #require(try await direct.read(database).first).text(0)
            let server = try await TestDatabase.shared.server()
            let uri = server.connectionString(database: current).replacing("postgres@", with: "\(name)@")
            var hurried = Self.patient(uri)
            hurried.requestTimeout = .milliseconds(500)
            let logger = TestDatabase.silentLogger
            try await PostgresClient.withClient(configuration: hurried, logger: logger) { client in
                let error = try await postgresError { try await client.read(ReadTests.echo, .int8(1)) }
                #expect(error.code == .unavailable)
                #expect(error.sqlState == "53300")
                #expect(error.isTransient)
            }
            try await PostgresClient.withClient(configuration: Self.patient(uri), logger: logger) { client in
                let read = Task { try await client.read(ReadTests.echo, .int8(1)) }
                try await direct.write(PostgresStatement("ALTER ROLE \(name) CONNECTION LIMIT -1"))
                #expect(try #require(try await read.value.first).int8(0) == 1)
            }
            try await direct.write(PostgresStatement("DROP ROLE \(name)"))
        }
    }
}
