import Crypto

/// Which users exist: the sessions of all others are orphans.
///
/// A rule whose table is missing, that knows no user at all, or too few of those with sessions, is refused when it is
/// applied: it would delete everything.
public struct OrphanRule: Sendable, Hashable {
    /// A SELECT whose first column is a subject.
    let query: String
    /// What the rule was made from, for messages.
    let name: String

    /// Only sessions of this tenant are judged; nil for all.
    public var tenantID: String?
    /// Only sessions of this issuer are judged; nil for all.
    public var issuer: String?
    /// Sessions younger than this are left alone: an application may create its user just after the login.
    ///
    /// 1 hour.
    public var gracePeriod: Duration = .seconds(3600)
    /// When more than this part of the users with sessions would be orphans, the rule is refused: most likely it names
    /// the wrong column, or the table is being filled.
    ///
    /// 0.5. A rule that knows none of several users is refused in any case.
    public var maximumShare = 0.5

    /// Fewer users than this are no sample to judge a rule by its share.
    private static let smallestSample = 10

    /// What is wrong with a rule that doesn't know so many of the users whose sessions it judges; nil when nothing is.
    func objection(users: Int, unknown: Int) -> String? {
        guard unknown > 0 else { return nil }
        if unknown == users, users > 1 { return "\(name) knows none of the \(users) users with sessions" }
        guard users >= Self.smallestSample, Double(unknown) > Double(users) * maximumShare else { return nil }
        let percent = Int((maximumShare * 100).rounded())
        return "\(name) doesn't know \(unknown) of the \(users) users with sessions, more than \(percent) %"
    }

    /// Names the rule in the audit trail, by all that it judges by and without showing it.
    var digest: String {
        let judges = [query, tenantID ?? "", issuer ?? "", "\(gracePeriod.microseconds)"].joined(separator: "\0")
        return String(Hexadecimal.encode(SHA256.hash(data: Array(judges.utf8))).prefix(16))
    }

    /// The users are in a column: `schema.table.column`, or `table.column` of the connection's search path.
    ///
    /// Each part is taken as it is written, case included, as the catalogue shows it; a part with a dot in it is
    /// written in double quotes. Compared as text with the `sub` of sessions.
    /// - Throws: ``SessionError/Code/invalidInput`` when it isn't of that form.
    public init(table: String) throws(SessionError) {
        guard let parts = Self.identifiers(table), (2...3).contains(parts.count) else {
            throw SessionError(.invalidInput, "a table of users is written schema.table.column")
        }
        let quoted = parts.map { "\"\($0.replacing("\"", with: "\"\""))\"" }
        query = "SELECT \(quoted[quoted.count - 1]) FROM \(quoted.dropLast().joined(separator: "."))"
        name = table
    }

    /// The users are what this SELECT returns in its first column.
    ///
    /// It runs inside of other statements: no parameters, and it must not change anything.
    /// - Throws: ``SessionError/Code/invalidInput`` when it can't be one.
    public init(query: String) throws(SessionError) {
        var text = query.trimmingWhitespace
        while text.hasSuffix(";") { text = text.dropLast().trimmingWhitespace }
        let first = text.prefix { $0.isLetter }.lowercased()
        guard ["select", "with", "table", "values"].contains(first), !text.utf8.contains(0),
            text.firstMatch(of: /\$[0-9]/) == nil
        else {
            throw SessionError(.invalidInput, "a query for users is one SELECT without parameters")
        }
        self.query = text
        name = "the configured query"
    }

    /// The parts of a dotted name; nil when it isn't one.
    private static func identifiers(_ text: String) -> [String]? {
        var (parts, rest): ([String], Substring) = ([], text[...])
        while true {
            if rest.hasPrefix("\"") {
                guard let match = rest.prefixMatch(of: /"((?:[^"]|"")+)"/) else { return nil }
                parts.append(String(match.1).replacing("\"\"", with: "\""))
                rest = rest[match.range.upperBound...]
            } else {
                let part = rest.prefix { $0 != "." && $0 != "\"" && !$0.isWhitespace }
                parts.append(String(part))
                rest = rest[part.endIndex...]
            }
            // 63 bytes is what an identifier holds; Postgres would cut the rest off.
            guard let last = parts.last, (1...63).contains(last.utf8.count), !last.utf8.contains(0) else { return nil }
            if rest.isEmpty { return parts }
            guard rest.first == "." else { return nil }
            rest = rest.dropFirst()
        }
    }
}

extension StringProtocol {
    fileprivate var trimmingWhitespace: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
