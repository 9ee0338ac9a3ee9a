import HTTPTypes

/// Whether an answer is for a person or for a program, by the `Accept` field (RFC 9110 section 12.5.1).
enum Accept {
    /// Whether HTML is asked for by name and not less than JSON: `*/*` alone is a program.
    static func prefersHTML(_ headers: HTTPFields) -> Bool {
        var html = 0.0
        var json = 0.0
        // No range is beyond ASCII; see `HTTPFields.plain(_:)`.
        for field in headers[values: .accept] where field.utf8.allSatisfy({ $0 < 0x80 }) {
            for range in field.split(separator: ",") {
                let parts = range.split(separator: ";").map { $0.trimmingSpaces.lowercased() }
                let quality = quality(parts.dropFirst())
                switch parts.first {
                case "text/html", "application/xhtml+xml": html = max(html, quality)
                case "application/json", "application/problem+json": json = max(json, quality)
                default: break
                }
            }
        }
        return html > 0 && html >= json
    }

    private static func quality(_ parameters: some Sequence<String>) -> Double {
        for parameter in parameters where parameter.hasPrefix("q=") {
            return Double(parameter.dropFirst(2)).map { min(max($0, 0), 1) } ?? 0
        }
        return 1
    }
}

extension StringProtocol {
    var trimmingSpaces: SubSequence {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        let start = self.drop(while: isSpace)
        return start.lastIndex { !isSpace($0) }.map { start[...$0] } ?? start.prefix(0)
    }
}
