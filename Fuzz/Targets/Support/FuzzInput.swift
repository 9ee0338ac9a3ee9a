/// An input that begins with a character which says what the rest is.
struct FuzzInput {
    /// The first byte; 0 of an empty input.
    let kind: UInt8
    /// The others.
    let rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        kind = bytes.first ?? 0
        rest = bytes.dropFirst()
    }

    /// The rest as text; bytes that are no UTF-8 are replaced, as HTTP libraries do with header fields.
    var text: String { String(decoding: rest, as: UTF8.self) }

    /// The text up to the first line feed, and what is behind it.
    var halves: (first: ArraySlice<UInt8>, second: ArraySlice<UInt8>) {
        let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
        return (rest[..<end], rest[end...].dropFirst())
    }

    /// The pieces between line feeds.
    static func lines(_ bytes: some Collection<UInt8>) -> [String] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            String(decoding: Array($0), as: UTF8.self)
        }
    }
}
