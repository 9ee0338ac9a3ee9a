public import Foundation

extension PrivatePostgres {
    /// How the server is set up.
    public struct Options: Sendable {
        /// A certificate for connections over TCP; the server keeps copies of the files.
        public struct TLS: Sendable {
            /// The server's certificate chain, PEM.
            public var certificateFile: URL

            /// Its private key, PEM.
            public var privateKeyFile: URL

            /// The authority of client certificates, PEM; nil: clients show none.
            public var clientAuthorityFile: URL?

            /// A certificate and its key.
            public init(certificateFile: URL, privateKeyFile: URL, clientAuthorityFile: URL? = nil) {
                self.certificateFile = certificateFile
                self.privateKeyFile = privateKeyFile
                self.clientAuthorityFile = clientAuthorityFile
            }
        }

        /// Whether commits survive a crash of the machine.
        ///
        /// False makes tests faster: no fsync, no full pages in the log.
        public var durable = true

        /// A port on 127.0.0.1 and `localhost` to listen on besides the Unix socket, with a password; 0 chooses a free
        /// one; nil: the socket only.
        public var listenOnLoopback: UInt16?

        /// Makes connections over TCP encrypted.
        public var tls: TLS?

        /// More settings, in the form of `postgresql.conf`: name to value, the value as it would stand there.
        public var settings: [String: String] = [:]

        /// How long to wait for initdb, for the server to come up (a recovery after a crash included), and to go.
        public var deadline: Duration = .seconds(120)

        /// A durable server on a Unix socket.
        public init() {}
    }
}
