/// The parameters of a query or of a form body (`application/x-www-form-urlencoded`).
struct FormParameters: Sendable {
    private var values: [String: String] = [:]

    /// Decodes strictly: nil for a broken escape, for bytes that are not UTF-8, and for a name that comes twice
    /// (RFC 6749, section 3.1: "parameters MUST NOT be included more than once").
    init?(_ encoded: some StringProtocol) {
        for pair in encoded.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = Self.decoded(parts.count > 1 ? parts[1] : ""),
                values.updateValue(value, forKey: name) == nil
            else { return nil }
        }
    }

    /// The value; an empty one counts as left out (RFC 6749, section 3.1).
    subscript(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// One name or value in its clear form.
    static func decoded(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var input = Array(text.utf8)[...]
        while let byte = input.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard input.count >= 2, let value = UInt8(String(decoding: input.prefix(2), as: UTF8.self), radix: 16),
                    input.prefix(2).allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
                else { return nil }
                bytes.append(value)
                input = input.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// One name or value as it goes into a query.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += byte < 16 ? "%0" : "%"
                result += String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    /// A URL with parameters appended to its query (RFC 6749, section 3.1.2: an existing one is kept).
    static func url(_ base: String, adding parameters: [(name: String, value: String)]) -> String {
        guard !parameters.isEmpty else { return base }
        let query = parameters.map { encoded($0.name) + "=" + encoded($0.value) }.joined(separator: "&")
        return base + (base.contains("?") ? "&" : "?") + query
    }
}
