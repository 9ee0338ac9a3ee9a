/// One thing that `doctor` has looked at.
struct Finding: Encodable, Hashable, Sendable {
    enum Level: String, Encodable, Sendable {
        case ok
        /// It works, and somebody should look at it.
        case warn
        /// It doesn't work, or won't.
        case fail
    }

    let level: Level
    /// The subject, one word or two.
    let name: String
    /// What was found and, unless it is fine, what to change; never a secret.
    let message: String

    static func ok(_ name: String, _ message: String) -> Finding { Finding(level: .ok, name: name, message: message) }
    static func warn(_ name: String, _ message: String) -> Finding {
        Finding(level: .warn, name: name, message: message)
    }
    static func fail(_ name: String, _ message: String) -> Finding {
        Finding(level: .fail, name: name, message: message)
    }

    /// The same of one of several: `provider clock of corp`.
    func of(_ owner: String) -> Finding { Finding(level: level, name: "\(name) of \(owner)", message: message) }

    /// For people: `ok    database: PostgreSQL 15.14, writable`.
    var line: String {
        let word = level.rawValue
        return "\(word)\(String(repeating: " ", count: 6 - word.count))\(name): \(message)".onTerminal
    }
}
