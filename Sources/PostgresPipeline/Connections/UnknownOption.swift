import CLibpq

/// An option that libpq refused, as far as it can be named.
///
/// A password with a blank or a question mark in it may be cut in two, and what libpq then takes for an option is a piece
/// of it. So only what can be no secret is named: what is one letter away from an option that there is, and the options
/// of other drivers.
struct UnknownOption: CustomStringConvertible {
    let name: String
    /// The option that was most likely meant.
    let meant: String?

    /// Reads what `PQconninfoParse` said; nil when it said something else, or named what may be secret.
    init?(in message: String) {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count == 3, message.contains("parameter: \"") || message.contains("option \"") else { return nil }
        let name = String(parts[1])
        if let known = Self.known.first(where: { Self.isOneLetterAway(name, from: $0) }) {
            (self.name, meant) = (name, known)
        } else if Self.foreign.contains(name) {
            (self.name, meant) = (name, name == "schema" || name == "search_path" ? "options=-csearch_path%3D…" : nil)
        } else {
            return nil
        }
    }

    /// What is wrong with a connection string that has it.
    var description: String {
        "has the option \(name) that libpq does not know" + (meant.map { "; did you mean \($0)?" } ?? "")
    }

    /// Of Prisma, node-postgres, JDBC and SQLAlchemy.
    private static let foreign: Set<String> = [
        "schema", "search_path", "currentSchema", "connection_limit", "pool_timeout", "pgbouncer", "pool_size",
        "max_connections", "ssl", "statement_cache_size", "socket_timeout", "statement_timeout", "charset", "username",
    ]

    private static let known: [String] = {
        guard let options = PQconndefaults() else { return [] }
        defer { PQconninfoFree(options) }
        var names: [String] = []
        var option = options
        while let keyword = option.pointee.keyword {
            names.append(String(cString: keyword))
            option += 1
        }
        return names
    }()

    /// One letter more, one less, another one, or two swapped, in a name that is long enough for that to be no accident.
    private static func isOneLetterAway(_ name: String, from known: String) -> Bool {
        guard known.utf8.count >= 5 else { return false }
        var left = Array(name.utf8)[...]
        var right = Array(known.utf8)[...]
        while let first = left.first, first == right.first {
            left.removeFirst()
            right.removeFirst()
        }
        while let last = left.last, last == right.last {
            left.removeLast()
            right.removeLast()
        }
        if left.count <= 1, right.count <= 1 { return true }
        return left.count == 2 && left.elementsEqual(right.reversed())
    }
}
