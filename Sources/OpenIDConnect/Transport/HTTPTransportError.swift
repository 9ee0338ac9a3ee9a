/// Why a transport has no answer.
public struct HTTPTransportError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that the relying party tells apart.
    public struct Code: Sendable, Hashable {
        private enum Kind: String {
            case timedOut = "timed_out"
            case responseTooLarge = "response_too_large"
            case notConnected = "not_connected"
            case connectionLost = "connection_lost"
            case untrustedCertificate = "untrusted_certificate"
            case closed
        }

        private let kind: Kind

        /// The deadline of the request passed.
        public static let timedOut = Code(kind: .timedOut)
        /// The body is larger than the request allows.
        public static let responseTooLarge = Code(kind: .responseTooLarge)
        /// No connection could be made; nothing was sent.
        public static let notConnected = Code(kind: .notConnected)
        /// The connection broke; the provider may or may not have acted on the request.
        public static let connectionLost = Code(kind: .connectionLost)
        /// The TLS certificate is not one that the trust roots and the host name allow.
        public static let untrustedCertificate = Code(kind: .untrustedCertificate)
        /// The transport is shut down.
        public static let closed = Code(kind: .closed)

        /// A short word from a fixed list.
        public var name: String { kind.rawValue }
    }

    /// The kind of failure.
    public var code: Code

    /// The error of the HTTP client, for ``debugDescription`` only.
    public var underlying: (any Error)?

    /// Creates an error.
    public init(_ code: Code, underlying: (any Error)? = nil) {
        self.code = code
        self.underlying = underlying
    }

    /// The code's name: safe to show and to log.
    public var description: String { code.name }

    /// A label with few possible values.
    public var metricLabel: String { code.name }
}

extension HTTPTransportError: CustomDebugStringConvertible {
    /// The code and the HTTP client's own words.
    public var debugDescription: String {
        underlying.map { "\(code.name): \(String(reflecting: $0))" } ?? code.name
    }
}
