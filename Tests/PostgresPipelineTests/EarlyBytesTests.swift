import Foundation
import Glibc
import PostgresPipeline
import Secrets
import TestSupport
import Testing

/// Somebody between client and server who speaks before TLS begins.
@Suite("Bytes before TLS")
struct EarlyBytesTests {
    /// A listener on a free port that answers each request for TLS with these bytes, on a thread of its own.
    private final class Impostor: Sendable {
        let port: UInt16
        private let descriptor: Int32

        init(answering bytes: [UInt8]) throws {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isListening = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) == 0 && listen(descriptor, 8) == 0
                        && getsockname(descriptor, generic, &length) == 0
                }
            }
            try #require(isListening)
            self.descriptor = descriptor
            port = UInt16(bigEndian: address.sin_port)
            Thread { Self.serve(descriptor, bytes) }.start()
        }

        func stop() {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }

        private static func serve(_ descriptor: Int32, _ bytes: [UInt8]) {
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                // SSLRequest: a length of eight, and a number.
                var request = [UInt8](repeating: 0, count: 8)
                if recv(connection, &request, 8, Int32(MSG_WAITALL)) == 8 {
                    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                }
                // What the client says now is its ClientHello, or nothing.
                _ = recv(connection, &request, 8, 0)
                close(connection)
            }
        }
    }

    /// AuthenticationOk, BackendKeyData and ReadyForQuery: as if the server had let the client in.
    private static let welcome: [UInt8] = [
        0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x4B, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 2, 0x5A, 0, 0, 0, 5, 0x49,
    ]

    @Test(
        "PT-19 what comes in the clear with the consent to TLS, or instead of it, is believed by nobody",
        arguments: ["S", "N", ""]
    )
    func earlyBytes(consent: String) async throws {
        let impostor = try Impostor(answering: Array(consent.utf8) + Self.welcome)
        defer { impostor.stop() }
        for mode in ["require", "verify-full"] {
            let uri = "postgresql://someone:geheim@127.0.0.1:\(impostor.port)/none?sslmode=\(mode)"
            var configuration = PostgresConfiguration(connectionString: Secret(uri))
            configuration.requestTimeout = .seconds(3)
            let error = try await postgresError {
                try await PostgresClient.withClient(
                    configuration: configuration,
                    logger: TestDatabase.silentLogger
                ) { client in
                    try await client.read(PostgresStatement("SELECT 1"))
                }
            }
            #expect(error.code == .unavailable)
        }
    }
}
