import HTTPTypes

/// The cookies of a request whose names begin in one of two ways; everything else is passed over.
///
/// One linear pass over the bytes. Names are compared byte by byte: `__hOsT-…` is another cookie, though browsers treat
/// the prefix without regard to case (RFC 6265bis section 5.6). A cookie without a name, without `=`, or with bytes
/// that no cookie has is none. Quotes are part of the value, as browsers see it.
struct RequestCookies: Sendable {
    /// What a request says about one cookie.
    enum Presence: Sendable, Hashable {
        case absent
        case one(String)
        /// Several cookies of one name: one of them may have been planted from a sibling domain or a longer path, and
        /// nothing tells which, so none of them counts.
        case ambiguous
    }

    private var values: [String: Presence] = [:]

    /// None.
    init() {}

    init(_ headers: HTTPFields, matching isWanted: (Substring.UTF8View) -> Bool) {
        for field in headers[values: .cookie] {
            for pair in field.utf8.split(separator: UInt8(ascii: ";")) {
                guard let (name, value) = Self.parse(pair), isWanted(name) else { continue }
                let key = String(Substring(name))
                values[key] = values[key] == nil ? Self.presence(value) : .ambiguous
            }
        }
    }

    subscript(name: String) -> Presence { values[name] ?? .absent }

    /// The names that were found, ambiguous ones too.
    var names: Dictionary<String, Presence>.Keys { values.keys }

    private static func parse(_ pair: Substring.UTF8View) -> (name: Substring.UTF8View, value: Substring.UTF8View)? {
        guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = trim(pair[..<equals])
        // A name becomes a key, and hashing one of combining marks takes a time that grows with the square of its length.
        guard !name.isEmpty, isVisible(name) else { return nil }
        return (name, trim(pair[pair.index(after: equals)...]))
    }

    private static func presence(_ value: Substring.UTF8View) -> Presence {
        isVisible(value) ? .one(String(Substring(value))) : .ambiguous
    }

    private static func isVisible(_ bytes: Substring.UTF8View) -> Bool {
        bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func trim(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        guard let start = bytes.firstIndex(where: { !isSpace($0) }),
            let end = bytes.lastIndex(where: { !isSpace($0) })
        else { return bytes.prefix(0) }
        return bytes[start...end]
    }
}
