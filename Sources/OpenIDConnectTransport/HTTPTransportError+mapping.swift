import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import OpenIDConnect

extension HTTPTransportError {
    /// Sorts the errors of the HTTP client.
    init(mapping error: any Error) {
        self.init(Self.code(for: error), underlying: error)
    }

    private static func code(for error: any Error) -> Code {
        switch error {
        case is NIOTooManyBytesError: .responseTooLarge
        case is NIOConnectionError: .notConnected
        case let error as HTTPClientError: code(forClientError: error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname: .untrustedCertificate
        // Before the handshake is over nothing has been sent. BoringSSL tells its reasons in words only.
        case NIOSSLError.handshakeFailed(let reason):
            String(describing: reason).contains("CERTIFICATE_VERIFY_FAILED") ? .untrustedCertificate : .notConnected
        default: .connectionLost
        }
    }

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
