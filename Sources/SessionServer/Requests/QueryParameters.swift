/// The parameters of a query, decoded strictly; what can't be decoded is as good as absent.
struct QueryParameters: Sendable {
    private static let maximumParameters = 64

    // Names are a stranger's, so they are compared byte by byte: hashing one of combining marks takes a time that grows
    // with the square of its length.
    private var parameters: [(name: String, value: String)] = []

    init(_ query: String?) {
        let pairs = (query ?? "").utf8.split(separator: UInt8(ascii: "&")).prefix(Self.maximumParameters)
        for pair in pairs {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.decode(pair[..<equals]), let value = Self.decode(pair[equals...].dropFirst()) else {
                continue
            }
            parameters.append((name, value))
        }
    }

    /// The value of a parameter that is there exactly once.
    subscript(name: String) -> String? {
        let found = parameters.filter { $0.name.utf8.elementsEqual(name.utf8) }
        return found.count == 1 ? found[0].value : nil
    }

    /// Whether a parameter is there, however often.
    func contains(_ name: String) -> Bool { parameters.contains { $0.name.utf8.elementsEqual(name.utf8) } }

    private static func decode(_ encoded: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var rest = encoded[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// A value as it goes into a query: everything but RFC 3986's unreserved characters and `/` is encoded.
    static func encode(_ value: String) -> String {
        var text = ""
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
