import Crypto
import Foundation
import NIOSSL
import OpenIDConnect
import OpenIDConnectTransport
import SwiftASN1
import Testing
import X509

@Suite("Transport security")
struct TransportSecurityTests {
    /// What a request to a server with this certificate ends with, when this authority is trusted.
    private func outcome(
        trusting root: TestAuthority?,
        certificate: (Certificate, Certificate.PrivateKey)
    ) async throws -> Result<Int, HTTPTransportError> {
        var configuration = HTTPClientTransport.Configuration()
        let file = FileManager.default.temporaryDirectory.appending(path: "root-\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: file) }
        if let root {
            try root.certificate.serializeAsPEM().pemString.write(to: file, atomically: true, encoding: .utf8)
            configuration.additionalTrustRoots = file.path
        }
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [
                    .certificate(
                        NIOSSLCertificate(bytes: Array(certificate.0.serializeAsPEM().pemString.utf8), format: .pem)
                    )
                ],
                privateKey: .privateKey(
                    NIOSSLPrivateKey(bytes: Array(certificate.1.serializeAsPEM().pemString.utf8), format: .pem)
                )
            )
        )
        let trusted = configuration
        return try await LocalServer.with(tls: context) { server in
            try await HTTPClientTransport.withTransport(configuration: trusted) { transport in
                let url = "https://localhost:\(server.port)/"
                do {
                    return .success(try await transport.send(HTTPTransportRequest(method: .get, url: url)).status)
                } catch let error as HTTPTransportError {
                    // Nothing was sent before the certificate was judged.
                    #expect(server.requests.isEmpty)
                    return .failure(error)
                }
            }
        }
    }

    @Test("A certificate of a trusted authority for the right host is accepted")
    func trusted() async throws {
        let root = try TestAuthority()
        #expect(try await outcome(trusting: root, certificate: root.issue(for: "localhost")).get() == 200)
    }

    @Test("DJ-04 a certificate of an authority that nobody trusts is refused")
    func unknownAuthority() async throws {
        let certificate = try TestAuthority().issue(for: "localhost")
        for root in [nil, try TestAuthority()] {
            let outcome = try await outcome(trusting: root, certificate: certificate)
            #expect(throws: HTTPTransportError.self) { try outcome.get() }
            guard case .failure(let error) = outcome else { continue }
            #expect(error.code == .untrustedCertificate)
        }
    }

    @Test("DJ-04 a certificate for another host is refused")
    func otherHost() async throws {
        let root = try TestAuthority()
        let outcome = try await outcome(trusting: root, certificate: root.issue(for: "op.example"))
        guard case .failure(let error) = outcome else { return #expect(Bool(false), "accepted") }
        #expect(error.code == .untrustedCertificate)
    }

    @Test("DJ-04 a certificate whose time is over is refused")
    func expired() async throws {
        let root = try TestAuthority()
        let certificate = try root.issue(for: "localhost", until: Date(timeIntervalSinceNow: -60))
        let outcome = try await outcome(trusting: root, certificate: certificate)
        guard case .failure(let error) = outcome else { return #expect(Bool(false), "accepted") }
        #expect(error.code == .untrustedCertificate)
    }

    @Test(
        "Trust roots without a certificate in them are refused at the start",
        arguments: ["", "\n", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    )
    func emptyTrustRoots(_ text: String) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "root-\(UUID().uuidString).pem")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        var configuration = HTTPClientTransport.Configuration()
        configuration.additionalTrustRoots = file.path
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await HTTPClientTransport.withTransport(configuration: configuration) { _ in }
        }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test("A server that speaks no TLS is refused before anything is sent")
    func plainServer() async throws {
        try await LocalServer.with { server in
            try await HTTPClientTransport.withTransport { transport in
                let url = "https://localhost:\(server.port)/"
                let error = await #expect(throws: HTTPTransportError.self) {
                    try await transport.send(HTTPTransportRequest(method: .get, url: url))
                }
                #expect(error?.code == .notConnected)
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test("A file of trust roots that cannot be read is a configuration error")
    func unreadableRoots() throws {
        var configuration = HTTPClientTransport.Configuration()
        configuration.additionalTrustRoots = "/no/such/file.pem"
        let error = #expect(throws: OpenIDConnectError.self) { try HTTPClientTransport(configuration: configuration) }
        #expect(error?.code == .invalidConfiguration)
    }
}

/// A certificate authority for one test.
struct TestAuthority {
    let certificate: Certificate
    private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    private let name: DistinguishedName

    init() throws {
        name = try DistinguishedName { CommonName("Test authority") }
        certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: key.publicKey,
            notValidBefore: Date(timeIntervalSinceNow: -86_400),
            notValidAfter: Date(timeIntervalSinceNow: 86_400),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerPrivateKey: key
        )
    }

    /// A server certificate for this host.
    func issue(
        for host: String,
        until end: Date = Date(timeIntervalSinceNow: 3600)
    ) throws -> (Certificate, Certificate.PrivateKey) {
        let serverKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: serverKey.publicKey,
            notValidBefore: Date(timeIntervalSinceNow: -3600),
            notValidAfter: end,
            issuer: name,
            subject: try DistinguishedName { CommonName(host) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([.dnsName(host)])
            },
            issuerPrivateKey: key
        )
        return (certificate, serverKey)
    }
}
