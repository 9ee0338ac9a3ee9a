import CLibpq

/// Why a connection could not be made or was lost, in words that quote neither the connection string nor the server.
struct ConnectionFailure: Sendable {
    let reason: String
    var sqlState: String?
    /// Whether trying again can't help until the configuration is changed.
    var isConfiguration = false

    static let timedOut = ConnectionFailure(reason: "no answer within the connect timeout")
    static let silent = ConnectionFailure(reason: "no answer within the request timeout")
    static let closed = ConnectionFailure(reason: "closed by the server")
    static let leftInTransaction = ConnectionFailure(reason: "a transaction was left open on it")
    static let readOnly = ConnectionFailure(reason: "the server no longer accepts writes")
    static let sharedSession = ConnectionFailure(
        reason: "a connection pooler gives each transaction another session (PgBouncer's pool_mode transaction or "
            + "statement), and settings, locks and prepared statements get lost there: set pool_mode=session for this "
            + "database, or connect to Postgres itself",
        isConfiguration: true
    )
    static let outOfStep = ConnectionFailure(reason: "an answer that no request was waiting for")

    init(reason: String, sqlState: String? = nil, isConfiguration: Bool = false) {
        self.reason = reason
        self.sqlState = sqlState
        self.isConfiguration = isConfiguration
    }

    /// Classifies the failure of an attempt to connect.
    ///
    /// There is no structured form of it: the message ends in "FATAL:  <SQLSTATE>" when the server refused (the
    /// connection's verbosity is `PQERRORS_SQLSTATE`), and is libpq's or the system's own text otherwise.
    init(connecting connection: OpaquePointer) {
        let message = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        if let sqlState = Self.sqlState(in: message) {
            self.init(reason: Self.reason(sqlState), sqlState: sqlState)
        } else if let known = Self.texts.first(where: { message.contains($0.part) }) {
            self.init(reason: known.reason, isConfiguration: known.isConfiguration)
        } else {
            self.init(reason: "could not connect")
        }
    }

    private static func sqlState(in message: String) -> String? {
        guard let line = message.split(separator: "\n").last, line.contains("FATAL:") else { return nil }
        let last = line.suffix(5)
        guard last.count == 5, last.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) }) else { return nil }
        return String(last)
    }

    private static func reason(_ sqlState: String) -> String {
        switch sqlState {
        case "28P01", "28000": "the server refused the user or its password"
        case "3D000": "the database does not exist"
        case "53300": "the server has no connection left"
        case "57P03": "the server is starting or stopping"
        default: "the server refused the connection"
        }
    }

    private static let texts: [(part: String, reason: String, isConfiguration: Bool)] = [
        ("Connection refused", "connection refused", false),
        ("No such file or directory", "no such socket, or a certificate file is missing", false),
        ("could not translate host name", "unknown host name", false),
        ("certificate verify failed", "the server's certificate is not signed by a trusted authority", false),
        ("does not match host name", "the server's certificate is for another host name", false),
        ("does not support SSL", "the server does not support TLS", false),
        ("unencrypted data after SSL", "the server, or somebody before it, spoke in the clear before TLS", false),
        ("SSL", "the TLS handshake failed", false),
        ("no password supplied", "the server wants a password and none was given", false),
        ("session is read-only", "no host accepts writes", false),
        ("session is not read-only", "no host is read-only", false),
        ("server is in hot standby", "no host accepts writes", false),
        ("server is not in hot standby", "no host is a standby", false),
        ("server closed the connection", "closed by the server", false),
        ("timed out", "the host does not answer", false),
        ("could not match", "the connection string has as many hosts as ports, or it is wrong", true),
        ("invalid ", "an option of the connection string has an invalid value", true),
    ]
}
