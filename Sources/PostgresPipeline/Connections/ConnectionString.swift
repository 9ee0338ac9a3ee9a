import CLibpq
import Glibc
import Secrets

/// A connection string that libpq can read.
struct ConnectionString: Sendable {
    private let text: Secret<String>
    /// The lists of hosts, addresses and ports in it, if it names any.
    private let hosts: [String: [String]]
    /// Whether only a server that accepts writes will do.
    let demandsWrites: Bool

    /// Refuses what libpq can't read, without quoting its message, which may hold a piece of the password.
    init(_ text: Secret<String>) throws(PostgresError) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text.reveal(), &message) else {
            let said = message.map { String(cString: $0) } ?? ""
            PQfreemem(message)
            let flaw = UnknownOption(in: said)?.description ?? "is malformed or has an option that libpq does not know"
            throw PostgresError(code: .configuration, message: "the connection string \(flaw)")
        }
        defer { PQconninfoFree(options) }
        var hosts: [String: [String]] = [:]
        var demandsWrites = false
        var option = options
        while let keyword = option.pointee.keyword.map({ String(cString: $0) }) {
            if ["host", "hostaddr", "port"].contains(keyword), let value = option.pointee.val {
                hosts[keyword] = String(cString: value).split(separator: ",", omittingEmptySubsequences: false)
                    .map(String.init)
            }
            if keyword == "target_session_attrs", let value = option.pointee.val {
                demandsWrites = ["read-write", "primary"].contains(String(cString: value))
            }
            option += 1
        }
        self.text = text
        self.hosts = hosts
        self.demandsWrites = demandsWrites
    }

    /// Begins to connect, without waiting.
    ///
    /// `rotation` starts at another of several hosts: libpq only goes on to the next host when the one before
    /// answered, so after a host that stays silent the next attempt must begin elsewhere.
    func startConnecting(applicationName: String, rotation: Int) -> OpaquePointer? {
        // Later entries replace earlier ones, and "dbname" is expanded where it stands.
        var parameters = [
            ("fallback_application_name", applicationName),
            // A server that vanished without a word is noticed after about a minute.
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            // The same for one that vanished while it owed the acknowledgement of what was sent, in milliseconds.
            ("tcp_user_timeout", "60000"),
            ("dbname", text.reveal()),
            ("client_encoding", "UTF8"),
        ]
        for (keyword, values) in hosts where values.count > 1 {
            let start = rotation % values.count
            parameters.append((keyword, (values[start...] + values[..<start]).joined(separator: ",")))
        }
        let keywords = parameters.map { strdup($0.0) }
        let values = parameters.map { strdup($0.1) }
        defer { for pointer in keywords + values { free(pointer) } }
        return PQconnectStartParams(
            keywords.map { UnsafePointer($0) } + [nil],
            values.map { UnsafePointer($0) } + [nil],
            1
        )
    }
}
