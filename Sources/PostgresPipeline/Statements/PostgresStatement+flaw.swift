extension PostgresStatement {
    /// What is wrong with a statement's text, as the end of a sentence that begins with "the statement".
    static func flaw(of sql: String) -> String? {
        // libpq takes texts that end with a NUL: the rest would be cut off, and what is left succeed.
        if sql.utf8.contains(0) { return "has a NUL character" }
        // In pipeline mode it costs the connection, and with it the requests of others.
        if firstWord(of: sql).uppercased() == "COPY" { return "is a COPY, which is not supported" }
        return nil
    }

    /// The word that a statement begins with, behind white space and comments.
    private static func firstWord(of sql: String) -> String {
        var rest = Substring(sql)
        while let first = rest.first {
            if first.isWhitespace || first == ";" {
                rest.removeFirst()
            } else if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*") {
                rest = afterComment(rest)
            } else {
                break
            }
        }
        return String(rest.prefix { $0.isLetter })
    }

    /// Comments between `/*` and `*/` nest.
    private static func afterComment(_ text: Substring) -> Substring {
        var rest = text
        var depth = 0
        repeat {
            if rest.hasPrefix("/*") {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("*/") {
                depth -= 1
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
            }
        } while depth > 0 && !rest.isEmpty
        return rest
    }
}
