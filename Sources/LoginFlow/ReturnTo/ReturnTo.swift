/// Where the browser goes after a login: a path on our own origin, checked byte by byte.
///
/// Whoever holds one may put it into a `Location` header: it starts with exactly one slash, and no browser's reading
/// of it (WHATWG URL: backslashes as slashes, tabs and newlines dropped) leaves the origin. It is stricter than that
/// needs, so that proxies and routers that decode once more don't read it differently either.
public struct ReturnTo: Sendable, Hashable {
    /// More bytes than this are refused.
    public static let maximumBytes = 2048

    /// The start page.
    public static let root = ReturnTo(checked: "/")

    /// The path, query and fragment, as given.
    public let path: String

    private init(checked path: String) {
        self.path = path
    }

    /// Checks a path.
    ///
    /// Refused are: anything but one leading slash; `//` and dot segments in the path; encoded slashes, backslashes,
    /// dots, percent signs and control characters in the path; bytes that RFC 3986 doesn't have in a URL, above all
    /// backslash, white space, control characters and everything beyond ASCII; incomplete percent-encoding anywhere;
    /// paths of the login itself, which would send the browser in circles.
    ///
    /// - Parameters:
    ///   - candidate: What the browser asked for.
    ///   - reserved: Paths that are no destination, such as `/login`; what lies below them is refused as well.
    /// - Returns: nil when it is refused: go to ``root`` then.
    public init?(_ candidate: String, reserved: Set<String> = []) {
        let bytes = Array(candidate.utf8)
        guard bytes.count <= Self.maximumBytes, bytes.first == UInt8(ascii: "/") else { return nil }
        let pathEnd = bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
        let path = bytes[..<pathEnd]
        guard Self.isURLText(bytes[...]), Self.isPlainPath(path) else { return nil }
        let folded = Array(String(decoding: Self.decoded(path), as: UTF8.self).lowercased().utf8)
        guard !reserved.contains(where: { Self.isAt(folded, orBelow: $0) }) else { return nil }
        self.init(checked: candidate)
    }

    /// Byte by byte: in a text, a slash and the combining mark behind it are one character, and no slash.
    private static func isAt(_ path: [UInt8], orBelow reserved: String) -> Bool {
        guard path.starts(with: reserved.utf8) else { return false }
        let next = path.dropFirst(reserved.utf8.count).first
        // Some routers take `;` and what follows for parameters of the segment (RFC 3986 section 3.3).
        return next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: ";")
    }

    /// Only bytes of RFC 3986, and every `%` followed by two hexadecimal digits.
    private static func isURLText(_ bytes: ArraySlice<UInt8>) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%") {
                guard hexValue(at: index, of: bytes) != nil else { return false }
                index += 3
            } else {
                guard isURLByte(bytes[index]) else { return false }
                index += 1
            }
        }
        return true
    }

    /// No empty segment but a last one, no dot segment, and nothing encoded that means something to a path.
    private static func isPlainPath(_ path: ArraySlice<UInt8>) -> Bool {
        let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (position, segment) in segments.enumerated() {
            if segment.isEmpty {
                guard position == segments.count - 1 else { return false }
            } else if segment.elementsEqual([UInt8(ascii: ".")]) || segment.elementsEqual("..".utf8) {
                return false
            }
        }
        for index in path.indices where path[index] == UInt8(ascii: "%") {
            guard let value = hexValue(at: index, of: path), value > 0x20, value != 0x7F, !"/\\.%".utf8.contains(value)
            else { return false }
        }
        return true
    }

    /// Unreserved and reserved characters (RFC 3986 section 2).
    private static func isURLByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:/?#[]@!$&'()*+,;=".utf8.contains(byte)
        }
    }

    /// The path as a router that decodes would see it; every `%` has been found to be followed by two digits.
    private static func decoded(_ path: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = path.startIndex
        while index < path.endIndex {
            let value = path[index] == UInt8(ascii: "%") ? hexValue(at: index, of: path) : nil
            bytes.append(value ?? path[index])
            index += value == nil ? 1 : 3
        }
        return bytes
    }

    private static func hexValue(at index: Int, of bytes: ArraySlice<UInt8>) -> UInt8? {
        guard index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) else {
            return nil
        }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

extension ReturnTo: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The path without its query, which may be private.
    public var description: String { String(path.prefix { $0 != "?" && $0 != "#" }) }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror without the query.
    public var customMirror: Mirror { Mirror(self, children: ["path": description]) }
}
