import Foundation

/// A query or form as a provider reads it: every field, in order, decoded.
public struct WireForm: Sendable {
    /// The fields in order.
    public let fields: [(name: String, value: String)]

    /// Decodes `a=b&c=d`.
    public init(_ encoded: String) {
        fields = encoded.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decode(halves[0]), halves.count > 1 ? Self.decode(halves[1]) : "")
        }
    }

    /// The value of a field that is there exactly once, else nil.
    public subscript(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }

    /// Names that are there more than once.
    public var repeated: [String] {
        Dictionary(grouping: fields, by: \.name).filter { $1.count > 1 }.keys.sorted()
    }

    /// Encodes fields as a browser does.
    public static func encode(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
    }

    private static func encode(_ text: String) -> String {
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    private static func decode(_ text: Substring) -> String {
        text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? ""
    }
}
