/// A table's name, perhaps with its schema, letter for letter: no folding to lower case.
public struct TableName: Sendable, Hashable, CustomStringConvertible {
    /// The schema; nil: wherever the search path finds the table.
    public let schema: String?
    /// The table.
    public let name: String

    /// A name as it is in the catalogue.
    public init(schema: String? = nil, name: String) {
        self.schema = schema
        self.name = name
    }

    /// Reads `table`, `schema.table`, and either part in double quotes; nil for anything else.
    public init?(_ text: String) {
        var parts: [String] = [""]
        var isQuoted = false
        var previous: Character?
        for character in text {
            if character == "\"" {
                // A quote begins a part, ends it, or is doubled inside one.
                if isQuoted {
                    isQuoted = false
                } else if previous == "\"", !(parts.last ?? "").isEmpty {
                    parts[parts.count - 1].append("\"")
                    isQuoted = true
                } else if (parts.last ?? "").isEmpty {
                    isQuoted = true
                } else {
                    return nil
                }
            } else if character == ".", !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
            previous = character
        }
        guard !isQuoted, (1...2).contains(parts.count),
            parts.allSatisfy({ (1...63).contains($0.utf8.count) && !$0.utf8.contains(0) })
        else { return nil }
        self.init(schema: parts.count == 2 ? parts[0] : nil, name: parts[parts.count - 1])
    }

    /// As a statement has it.
    var quoted: String { ([schema].compactMap { $0 } + [name]).map(\.quotedIdentifier).joined(separator: ".") }

    /// As a person writes it.
    public var description: String { ([schema].compactMap { $0 } + [name]).joined(separator: ".") }
}

extension String {
    /// An SQL identifier (PostgreSQL documentation, section 4.1.1).
    var quotedIdentifier: String { "\"" + replacingOccurrences(of: "\"", with: "\"\"") + "\"" }

    private func replacingOccurrences(of character: Character, with replacement: String) -> String {
        reduce(into: "") { $0 += $1 == character ? replacement : String($1) }
    }
}
