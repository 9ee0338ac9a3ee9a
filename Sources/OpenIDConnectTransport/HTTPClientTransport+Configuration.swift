import AsyncHTTPClient
import NIOCore
import NIOSSL
import OpenIDConnect

extension HTTPClientTransport {
    /// What a deployment may want different; nothing in it weakens TLS.
    public struct Configuration: Sendable {
        /// A PEM file of certificates to trust besides the system's, for a provider behind an authority of one's own.
        public var additionalTrustRoots: String?

        /// How long one attempt to connect may take, name resolution and TLS apart.
        ///
        /// Several addresses of one host, IPv6 before IPv4, are tried side by side (RFC 8305) within it.
        public var connectTimeout: Duration = .seconds(5)

        /// How many connections to one provider may be open; further requests wait within their own deadline.
        public var maximumConnectionsPerHost = 32

        /// Creates the defaults.
        public init() {}

        func clientConfiguration() throws(OpenIDConnectError) -> HTTPClient.Configuration {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.minimumTLSVersion = .tlsv12
            if let additionalTrustRoots {
                do {
                    let certificates = try NIOSSLCertificate.fromPEMFile(additionalTrustRoots)
                    tls.additionalTrustRoots = [.certificates(certificates)]
                } catch {
                    throw OpenIDConnectError(
                        .invalidConfiguration,
                        "additionalTrustRoots: not a readable PEM file of certificates",
                        underlying: error
                    )
                }
            }
            var configuration = HTTPClient.Configuration(
                tlsConfiguration: tls,
                redirectConfiguration: .disallow,
                timeout: .init(connect: TimeAmount(connectTimeout)),
                connectionPool: .init(
                    idleTimeout: .seconds(60),
                    concurrentHTTP1ConnectionsPerHostSoftLimit: maximumConnectionsPerHost
                ),
                // The environment's proxy variables are not read; a compressed body stays as it is, so the bound on its
                // size is a bound on everything.
                proxy: nil,
                decompression: .disabled
            )
            // A refused connection is an answer for the user who waits, not a reason to let him wait for the deadline.
            configuration.connectionPool.retryConnectionEstablishment = false
            // Few requests go to a provider; HTTP/2 would add failure modes and save nothing.
            configuration.httpVersion = .http1Only
            configuration.http1_1ConnectionDebugInitializer = { channel in
                channel.eventLoop.makeCompletedFuture { try ImpossibleStatusGuard.add(to: channel) }
            }
            return configuration
        }
    }
}
