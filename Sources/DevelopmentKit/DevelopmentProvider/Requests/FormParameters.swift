import WireText

/// The parameters of a query or of a form body (`application/x-www-form-urlencoded`).
struct FormParameters: Sendable {
    private var values: [String: String] = [:]

    /// Decodes strictly: nil for a broken escape, for bytes that are not UTF-8, and for a name that comes twice
    /// (RFC 6749, section 3.1: "parameters MUST NOT be included more than once").
    init?(_ encoded: some StringProtocol) {
        for pair in encoded.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = FormCoding.decode(pair[..<equals]),
                let value = FormCoding.decode(pair[equals...].dropFirst()),
                values.updateValue(value, forKey: name) == nil
            else { return nil }
        }
    }

    /// The value; an empty one counts as left out (RFC 6749, section 3.1).
    subscript(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A URL with parameters appended to its query (RFC 6749, section 3.1.2: an existing one is kept).
    static func url(_ base: String, adding parameters: [(name: String, value: String)]) -> String {
        guard !parameters.isEmpty else { return base }
        return base + (base.contains("?") ? "&" : "?") + FormCoding.encode(parameters)
    }
}
