/// Why a private Postgres could not be started or stopped.
public struct PrivatePostgresError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, stable enough to branch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case notInstalled, noAccount, inUse, fileSystem, processFailed, notReady, notStopped
        }
        private let kind: Kind

        /// There is no Postgres server on this machine.
        public static let notInstalled = Code(kind: .notInstalled)
        /// We are root and there is no account for the server to run as.
        public static let noAccount = Code(kind: .noAccount)
        /// Another running program uses this directory.
        public static let inUse = Code(kind: .inUse)
        /// A directory or file can't be made or read.
        public static let fileSystem = Code(kind: .fileSystem)
        /// A program of the installation failed.
        public static let processFailed = Code(kind: .processFailed)
        /// The server did not come up in time.
        public static let notReady = Code(kind: .notReady)
        /// The server did not go away in time.
        public static let notStopped = Code(kind: .notStopped)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What went wrong.
    public let code: Code

    /// What to read about it, with the command that helps where there is one.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// One of a small fixed set of words, for a metric's label.
    public var metricLabel: String { code.description }
}
