import Foundation
public import OpenIDConnect

/// A JWT that a client sent, taken apart and not yet believed.
public struct ReceivedToken: Sendable {
    /// The header.
    public let header: [String: JSONValue]
    /// The claims.
    public let claims: [String: JSONValue]
    /// What the signature is of.
    public let signedBytes: [UInt8]
    /// The signature.
    public let signature: [UInt8]

    /// Takes a compact JWS apart; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]) else {
            return nil
        }
        self.header = header
        self.claims = claims
        signedBytes = Array((parts[0] + "." + parts[1]).utf8)
        signature = Base64URL.decode(parts[2])
    }

    /// Whether this key signed it with the algorithm that the header names.
    public func isSigned(by key: [String: JSONValue]) -> Bool {
        ScriptedKey.isValid(signature, of: signedBytes, by: key, algorithm: header["alg"]?.stringValue ?? "")
    }

    /// Flat objects of strings, numbers and one level of objects are all that clients send here.
    private static func object(_ encoded: String) -> [String: JSONValue]? {
        guard let value = try? JSONSerialization.jsonObject(with: Data(Base64URL.decode(encoded))) else { return nil }
        return converted(value).objectValue
    }

    private static func converted(_ value: Any) -> JSONValue {
        switch value {
        case let text as String: .string(text)
        case let members as [String: Any]: .object(members.mapValues(converted))
        case let elements as [Any]: .array(elements.map(converted))
        case let number as NSNumber: .integer(number.int64Value)
        default: .null
        }
    }
}
