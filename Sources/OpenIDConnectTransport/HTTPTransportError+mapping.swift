import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import OpenIDConnect

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension HTTPTransportError {
    /// Sorts the errors of the HTTP client.
    init(mapping error: any Error) {
        self.init(Self.code(for: error), underlying: error)
    }

    private static func code(for error: any Error) -> Code {
        switch error {
        case is NIOTooManyBytesError: .responseTooLarge
        case is NIOConnectionError: .notConnected
        // A host given as an address has but one to try, and its error comes as it is.
        case let error as IOError where unreachable.contains(error.errnoCode): .notConnected
        case let error as HTTPClientError: code(forClientError: error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname: .untrustedCertificate
        // Before the handshake is over nothing has been sent. BoringSSL tells its reasons in words only.
        case NIOSSLError.handshakeFailed(let reason):
            String(describing: reason).contains("CERTIFICATE_VERIFY_FAILED") ? .untrustedCertificate : .notConnected
        default: .connectionLost
        }
    }

    private static let unreachable = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL]

    private static func code(forClientError error: HTTPClientError) -> Code {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout: .timedOut
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .invalidURL, .emptyHost,
            .emptyScheme:
            .notConnected
        case .alreadyShutdown, .cancelled: .closed
        default: .connectionLost
        }
    }
}
