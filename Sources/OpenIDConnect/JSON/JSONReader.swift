/// Reads JSON (RFC 8259) strictly and within bounds.
///
/// Foundation's decoder is lenient where a verifier must not be: of two members with one name it keeps one, so that
/// two readers of one token may see different claims. Here that is an error, as are a byte order mark, bytes that are
/// no UTF-8, lone surrogates, and nesting beyond 32 levels.
struct JSONReader {
    static let maximumDepth = 32
    /// No member that means something to anybody has a longer name; see ``Swift/String/hasSameBytes(as:)`` for what
    /// hashing one would cost: seven seconds for 250 KB.
    static let maximumNameBytes = 256

    private let input: [UInt8]
    private var position = 0

    private let droppingAmbiguous: Bool

    private init(_ input: [UInt8], droppingAmbiguous: Bool) {
        self.input = input
        self.droppingAmbiguous = droppingAmbiguous
    }

    /// The value, or nil for anything that is not exactly one JSON text within the bounds.
    ///
    /// - Parameter droppingAmbiguous: whether an object with two members of one name becomes `null` instead of spoiling
    ///   the whole text; for lists whose good elements must survive a bad one.
    static func read(_ input: [UInt8], droppingAmbiguous: Bool = false) -> ClaimValue? {
        // Checked once for the whole input: string slices below are then valid by themselves, since they are cut at
        // ASCII bytes.
        guard String(validating: input, as: UTF8.self) != nil else { return nil }
        var reader = JSONReader(input, droppingAmbiguous: droppingAmbiguous)
        guard let value = reader.readValue(depth: 0) else { return nil }
        reader.skipSpace()
        return reader.position == input.count ? value : nil
    }

    /// The members, or nil for anything that is not exactly one JSON object.
    static func readObject(_ input: [UInt8], droppingAmbiguous: Bool = false) -> [String: ClaimValue]? {
        read(input, droppingAmbiguous: droppingAmbiguous)?.objectValue
    }

    // MARK: Values

    private mutating func readValue(depth: Int) -> ClaimValue? {
        skipSpace()
        guard depth < Self.maximumDepth, let byte = next else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return readObject(depth: depth)
        case UInt8(ascii: "["): return readArray(depth: depth)
        case UInt8(ascii: "\""): return readString().map(ClaimValue.string)
        case UInt8(ascii: "t"): return takeWord("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return takeWord("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return takeWord("null") ? .null : nil
        default: return readNumber()
        }
    }

    private mutating func readObject(depth: Int) -> ClaimValue? {
        position += 1
        var members: [String: ClaimValue] = [:]
        var isAmbiguous = false
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\""), let name = readString(), name.utf8.count <= Self.maximumNameBytes,
                take(UInt8(ascii: ":")),
                let value = readValue(depth: depth + 1)
            else { return nil }
            if members.updateValue(value, forKey: name) != nil {
                // RFC 7519 section 4: names must be unique, or the token is refused.
                guard droppingAmbiguous else { return nil }
                isAmbiguous = true
            }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { return nil }
        return isAmbiguous ? .null : .object(members)
    }

    private mutating func readArray(depth: Int) -> ClaimValue? {
        position += 1
        var elements: [ClaimValue] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            guard let element = readValue(depth: depth + 1) else { return nil }
            elements.append(element)
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .array(elements) : nil
    }

    private mutating func readNumber() -> ClaimValue? {
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
        var bytes: [UInt8] = []
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
