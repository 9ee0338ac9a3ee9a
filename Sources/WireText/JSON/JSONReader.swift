/// Reads JSON (RFC 8259) strictly and within bounds.
///
/// Foundation's decoder is lenient where a verifier must not be: of two members with one name it keeps one, so that
/// two readers of one token may see different claims. Here that is an error, as are a byte order mark, bytes that are
/// no UTF-8, lone surrogates, and what exceeds the limits.
package struct JSONReader {
    /// What a text may ask of its reader.
    package struct Limits: Sendable {
        /// Objects and arrays within each other.
        let depth: Int
        /// Bytes in the name of a member.
        let nameBytes: Int
        /// Whether an object with two members of one name becomes `null` instead of spoiling the whole text.
        var dropsAmbiguousObjects = false

        /// For text of a stranger.
        ///
        /// No member that means something to anybody has a longer name, and hashing one costs the square of its
        /// combining marks: seven seconds for 250 KB.
        package static let foreign = Limits(depth: 32, nameBytes: 256)
        /// For a stranger's list whose good elements must survive a bad one.
        package static let foreignList = Limits(depth: 32, nameBytes: 256, dropsAmbiguousObjects: true)
        /// For text that we have written.
        package static let own = Limits(depth: 64, nameBytes: .max)
    }

    private let input: [UInt8]
    private let limits: Limits
    private var position = 0

    private init(_ input: [UInt8], _ limits: Limits) {
        self.input = input
        self.limits = limits
    }

    /// The value, or nil for anything that is not exactly one JSON text within the bounds.
    package static func read(_ input: [UInt8], limits: Limits = .foreign) -> JSONValue? {
        // Checked once for the whole input: string slices below are then valid by themselves, since they are cut at
        // ASCII bytes.
        guard String(validating: input, as: UTF8.self) != nil else { return nil }
        var reader = JSONReader(input, limits)
        guard let value = reader.readValue(depth: 0) else { return nil }
        reader.skipSpace()
        return reader.position == input.count ? value : nil
    }

    /// The members, or nil for anything that is not exactly one JSON object.
    package static func readObject(_ input: [UInt8], limits: Limits = .foreign) -> [String: JSONValue]? {
        read(input, limits: limits)?.objectValue
    }

    /// The line, from 1, where a text stops being what ``read(_:limits:)`` takes, for people who have written it.
    ///
    /// A missing comma is noticed at what comes after it. Nil when nothing is wrong with the form, bytes that are no
    /// UTF-8 apart.
    package static func lineOfFlaw(_ input: [UInt8], limits: Limits = .foreign) -> Int? {
        var reader = JSONReader(input, limits)
        if reader.readValue(depth: 0) != nil {
            reader.skipSpace()
            if reader.position == input.count { return nil }
        }
        return 1 + input[..<min(reader.position, input.count)].count { $0 == 0x0A }
    }

    // MARK: Values

    private mutating func readValue(depth: Int) -> JSONValue? {
        skipSpace()
        guard depth < limits.depth, let byte = next else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return readObject(depth: depth)
        case UInt8(ascii: "["): return readArray(depth: depth)
        case UInt8(ascii: "\""): return readString().map(JSONValue.string)
        case UInt8(ascii: "t"): return takeWord("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return takeWord("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return takeWord("null") ? .null : nil
        default: return readNumber()
        }
    }

    private mutating func readObject(depth: Int) -> JSONValue? {
        position += 1
        var members: [String: JSONValue] = [:]
        var isAmbiguous = false
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\""), let name = readString(), name.utf8.count <= limits.nameBytes,
                take(UInt8(ascii: ":")),
                let value = readValue(depth: depth + 1)
            else { return nil }
            if members.updateValue(value, forKey: name) != nil {
                // RFC 7519 section 4: names must be unique, or the token is refused.
                guard limits.dropsAmbiguousObjects else { return nil }
                isAmbiguous = true
            }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { return nil }
        return isAmbiguous ? .null : .object(members)
    }

    private mutating func readArray(depth: Int) -> JSONValue? {
        position += 1
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            guard let element = readValue(depth: depth + 1) else { return nil }
            elements.append(element)
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .array(elements) : nil
    }

    private mutating func readNumber() -> JSONValue? {
        let start = position
        _ = takeExactly(UInt8(ascii: "-"))
        if !takeExactly(UInt8(ascii: "0")) {
            guard takeDigits() else { return nil }
        }
        var isInteger = true
        if takeExactly(UInt8(ascii: ".")) {
            isInteger = false
            guard takeDigits() else { return nil }
        }
        if takeExactly(UInt8(ascii: "e")) || takeExactly(UInt8(ascii: "E")) {
            isInteger = false
            if !takeExactly(UInt8(ascii: "-")) { _ = takeExactly(UInt8(ascii: "+")) }
            guard takeDigits() else { return nil }
        }
        let text = String(decoding: input[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text) else { return nil }
        let largest = Double.greatestFiniteMagnitude
        return .number(min(max(value, -largest), largest))
    }

    // MARK: Strings

    private mutating func readString() -> String? {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        guard next == UInt8(ascii: "\"") else { return readEscapedString(from: start) }
        defer { position += 1 }
        return String(decoding: input[start..<position], as: UTF8.self)
    }

    private mutating func readEscapedString(from start: Int) -> String? {
        var bytes = Array(input[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = readEscape() else { return nil }
                bytes.append(contentsOf: Array(String(Character(scalar)).utf8))
            case 0..<0x20: return nil
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func readEscape() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: return nil
        }
        // U+0000 is legal JSON, but no database text can hold it, and no claim needs it.
        guard let high = readHex(), high != 0 else { return nil }
        guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) }
        guard takeExactly(UInt8(ascii: "\\")), takeExactly(UInt8(ascii: "u")), let low = readHex(),
            (0xDC00..<0xE000).contains(low)
        else { return nil }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func readHex() -> UInt32? {
        guard position + 4 <= input.count else { return nil }
        let digits = input[position..<position + 4]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }) else { return nil }
        position += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    // MARK: Bytes

    private var next: UInt8? { position < input.count ? input[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        return takeExactly(byte)
    }

    private mutating func takeExactly(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func takeDigits() -> Bool {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard input[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }
}
