import OpenIDConnect

/// The parameters of a query, decoded strictly; what can't be decoded is as good as absent.
struct QueryParameters: Sendable {
    private static let maximumParameters = 64

    // Names are a stranger's, so they are compared byte by byte: hashing one of combining marks takes a time that grows
    // with the square of its length.
    private(set) var parameters: [(name: String, value: String)] = []
    /// Whether every parameter could be decoded, and there were not too many.
    private(set) var isWhole = true

    init(_ query: String?) {
        let pairs = (query ?? "").utf8.split(separator: UInt8(ascii: "&"))
        isWhole = pairs.count <= Self.maximumParameters
        for pair in pairs.prefix(Self.maximumParameters) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = FormCoding.decode(pair[..<equals]),
                let value = FormCoding.decode(pair[equals...].dropFirst())
            else {
                isWhole = false
                continue
            }
            parameters.append((name, value))
        }
    }

    /// The value of a parameter that is there exactly once.
    subscript(name: String) -> String? {
        let found = parameters.filter { $0.name.hasSameBytes(as: name) }
        return found.count == 1 ? found[0].value : nil
    }

    /// Whether a parameter is there, however often.
    func contains(_ name: String) -> Bool { parameters.contains { $0.name.hasSameBytes(as: name) } }
}
