public import Foundation

/// Base64url without padding, written apart from the one under test.
public enum Base64URL {
    /// Encodes.
    public static func encode(_ bytes: some DataProtocol) -> String {
        Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// Decodes; empty for text that is no base64url.
    public static func decode(_ text: String) -> [UInt8] {
        var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        return Data(base64Encoded: base64).map { Array($0) } ?? []
    }

    /// So many random bytes, encoded.
    public static func random(_ count: Int = 24) -> String {
        encode((0..<count).map { _ in UInt8.random(in: .min ... .max) })
    }
}
