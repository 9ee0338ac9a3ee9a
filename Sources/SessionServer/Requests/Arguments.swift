import HTTPTypes
import Hummingbird
import OpenIDConnect

/// What a caller asks for, from the query or from a JSON body: every name known, each there once, every value of the
/// right kind.
///
/// An administrator's typing mistake must not become "no criterion".
struct Arguments: Sendable {
    static let maximumBodyBytes = 16 * 1024
    private static let mediaType = "application/json"

    private let values: [String: JSONValue]
    /// Whether the values are texts that are still to be read.
    private let isQuery: Bool

    var isEmpty: Bool { values.isEmpty }

    /// The query of a request.
    init(queryOf visit: Visit, allowing names: [String]) throws(ServerError) {
        try self.init(visit.query, allowing: names)
    }

    init(_ query: QueryParameters, allowing names: [String]) throws(ServerError) {
        guard query.isWhole else {
            throw ServerError(.badRequest, "invalid_parameter", "The query can't be decoded or is too long.")
        }
        var values: [String: JSONValue] = [:]
        for (name, value) in query.parameters {
            let name = try Self.known(name, names)
            guard values.updateValue(.string(value), forKey: name) == nil else {
                throw .invalidParameter(name, "is there more than once")
            }
        }
        self.values = values
        self.isQuery = true
    }

    /// The body of a request, a JSON object; no body is an object without members.
    init(bodyOf visit: Visit, allowing names: [String]) async throws(ServerError) {
        let bytes = try await RequestBody.bytes(of: visit.request, maximum: Self.maximumBodyBytes)
        guard bytes.isEmpty || RequestBody.mediaType(of: visit.request) == Self.mediaType else {
            throw .unsupportedMediaType(wanted: Self.mediaType)
        }
        try self.init(json: bytes, allowing: names)
    }

    init(json bytes: [UInt8], allowing names: [String]) throws(ServerError) {
        self.values = try Self.members(bytes, names)
        self.isQuery = false
    }

    /// No arguments by both ways at once: it would not be clear which of them hold.
    static func queryOrBody(_ visit: Visit, allowing names: [String]) async throws(ServerError) -> Arguments {
        let query = try Arguments(queryOf: visit, allowing: names)
        let body = try await Arguments(bodyOf: visit, allowing: names)
        guard query.isEmpty || body.isEmpty else {
            throw .invalidBody("and the query both have parameters; use one of them")
        }
        return body.isEmpty ? query : body
    }

    private static func members(_ bytes: [UInt8], _ names: [String]) throws(ServerError) -> [String: JSONValue] {
        guard !bytes.isEmpty else { return [:] }
        guard let value = JSONReader.read(bytes) else {
            throw .invalidBody("is not one JSON text, has two members of one name, or is nested too deeply")
        }
        guard let members = value.objectValue else { throw .invalidBody("must be a JSON object") }
        for name in members.keys { _ = try known(name, names) }
        return members
    }

    /// Compared byte by byte: names are a stranger's.
    private static func known(_ name: String, _ names: [String]) throws(ServerError) -> String {
        guard let known = names.first(where: { $0.hasSameBytes(as: name) }) else {
            throw .invalidParameter(name, "is not known here; these are: \(names.joined(separator: ", "))")
        }
        return known
    }

    // MARK: Values

    /// A text that isn't empty.
    func text(_ name: String, maximumBytes: Int = 2048) throws(ServerError) -> String? {
        guard let value = values[name] else { return nil }
        guard let text = value.stringValue else { throw .invalidParameter(name, "must be a string") }
        guard !text.isEmpty else { throw .invalidParameter(name, "is empty") }
        guard text.utf8.count <= maximumBytes, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .invalidParameter(name, "is too long or has control characters")
        }
        return text
    }

    /// True or false.
    func flag(_ name: String) throws(ServerError) -> Bool? {
        switch values[name] {
        case nil: return nil
        case .bool(let value): return value
        case .string("true") where isQuery: return true
        case .string("false") where isQuery: return false
        default: throw .invalidParameter(name, "must be true or false")
        }
    }

    /// A whole number.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(ServerError) -> Int? {
        let number: Int?
        switch values[name] {
        case nil: return nil
        case .integer(let value): number = Int(exactly: value)
        // `Int` would take a sign.
        case .string(let text) where isQuery && text.utf8.allSatisfy { (0x30...0x39).contains($0) }: number = Int(text)
        default: number = nil
        }
        guard let number, range.contains(number) else {
            throw .invalidParameter(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Texts: an array, or one text with commas in a query.
    func list(_ name: String) throws(ServerError) -> [String]? {
        guard let value = values[name] else { return nil }
        let texts =
            isQuery
            ? value.stringValue?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            : value.stringArrayValue ?? value.stringValue.map { [$0] }
        guard let texts, !texts.isEmpty else { throw .invalidParameter(name, "must be a list of words") }
        return texts
    }
}
