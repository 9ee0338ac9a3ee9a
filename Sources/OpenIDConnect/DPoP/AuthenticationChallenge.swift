/// One challenge out of `WWW-Authenticate` (RFC 9110 section 11.6.1).
struct AuthenticationChallenge {
    let scheme: String
    /// Names in lower case.
    private(set) var parameters: [String: String] = [:]

    func isScheme(_ name: String) -> Bool { scheme.hasSameASCIILetters(as: name) }

    /// Every challenge of a response up to the first character that has no place there.
    static func list(in response: HTTPTransportResponse) -> [AuthenticationChallenge] {
        response.headers
            .filter { $0.name.hasSameASCIILetters(as: "WWW-Authenticate") && $0.value.utf8.count <= 8192 }
            .flatMap { Reader($0.value).challenges() }
    }

    private struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ value: String) { rest = Array(value.utf8)[...] }

        func challenges() -> [AuthenticationChallenge] {
            var reader = self
            return reader.read()
        }

        private mutating func read() -> [AuthenticationChallenge] {
            var challenges: [AuthenticationChallenge] = []
            while true {
                skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
                let name = take(Self.isTokenCharacter)
                guard !name.isEmpty else { return challenges }
                let hadSpace = skip(Self.isSpace)
                guard rest.first == UInt8(ascii: "=") else {
                    challenges.append(AuthenticationChallenge(scheme: name))
                    continue
                }
                let equals = skip { $0 == UInt8(ascii: "=") }
                skip(Self.isSpace)
                // The data of `Negotiate abc==` is no parameter.
                guard !challenges.isEmpty, equals == 1 || hadSpace > 0, rest.first != UInt8(ascii: ","),
                    let value = value()
                else { continue }
                let last = challenges.count - 1
                let key = name.lowercased()
                // Of a repeated parameter the first one stands.
                if challenges[last].parameters[key] == nil { challenges[last].parameters[key] = value }
            }
        }

        private mutating func value() -> String? {
            guard rest.first == UInt8(ascii: "\"") else {
                let word = take(Self.isTokenCharacter)
                return word.isEmpty ? nil : word
            }
            rest = rest.dropFirst()
            var bytes: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                    bytes.append(byte)
                    continue
                }
                bytes.append(escaped)
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        private mutating func take(_ belongs: (UInt8) -> Bool) -> String {
            let taken = rest.prefix(while: belongs)
            rest = rest[taken.endIndex...]
            return String(decoding: taken, as: UTF8.self)
        }

        @discardableResult
        private mutating func skip(_ belongs: (UInt8) -> Bool) -> Int {
            let count = rest.prefix(while: belongs).count
            rest = rest.dropFirst(count)
            return count
        }

        private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

        /// RFC 9110 section 5.6.2, and `/`, which the data of some schemes has.
        private static func isTokenCharacter(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "!#$%&'*+-.^_`|~/".utf8.contains(byte)
            }
        }
    }
}
