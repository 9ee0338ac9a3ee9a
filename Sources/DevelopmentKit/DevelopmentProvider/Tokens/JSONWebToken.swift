import WireText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Signs claims and reads back what it has signed (RFC 7515, RFC 7519).
enum JSONWebToken {
    private struct Header: Codable {
        var alg: String
        var kid: String
        var typ: String
    }

    static func signed(_ claims: some Encodable, type: TokenType, by key: SigningKey) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let header = Header(alg: "RS256", kid: key.id, typ: type.rawValue)
        let content =
            Base64URL.encode(try encoder.encode(header)) + "." + Base64URL.encode(try encoder.encode(claims))
        return content + "." + Base64URL.encode(try key.signature(for: Data(content.utf8)))
    }

    /// The claims of a token of ours, or nil; neither lifetime nor audience is looked at.
    static func claims<Claims: Decodable>(
        _ claims: Claims.Type,
        of token: String,
        type: TokenType,
        signedBy key: SigningKey
    ) -> Claims? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3,
            let header = Base64URL.decode(parts[0].utf8).flatMap({
                try? JSONDecoder().decode(Header.self, from: Data($0))
            }),
            // An access token is no ID token although the same key signs both.
            header.alg == "RS256", header.kid == key.id, header.typ == type.rawValue,
            let signature = Base64URL.decode(parts[2].utf8),
            key.isValid(signature, for: Data((parts[0] + "." + parts[1]).utf8)),
            let payload = Base64URL.decode(parts[1].utf8)
        else { return nil }
        return try? JSONDecoder().decode(claims, from: Data(payload))
    }
}

/// What kind of token it is, as the `typ` header says.
enum TokenType: String {
    case identity = "JWT"
    /// RFC 9068.
    case access = "at+jwt"
}
