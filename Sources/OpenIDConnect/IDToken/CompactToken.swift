import Secrets

/// A JWS in compact form (RFC 7515 section 7.1), taken apart strictly and not yet believed.
struct CompactToken: Sendable {
    /// A larger token is refused before it is looked at.
    static let maximumBytes = 64 * 1024
    static let maximumKeyIDBytes = 256

    let algorithmName: String
    let kid: String?
    let type: String?
    let signedBytes: [UInt8]
    let signature: [UInt8]
    private let encodedPayload: ArraySlice<UInt8>

    init(_ token: Secret<String>) throws(OpenIDConnectError) {
        let bytes = Array(token.reveal().utf8)
        guard bytes.count <= Self.maximumBytes else { throw Self.malformed("is too large") }
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count != 5 else { throw Self.malformed("is encrypted, which was not asked for") }
        guard parts.count == 3 else { throw Self.malformed("does not have three parts") }
        guard let headerBytes = Base64URL.decode(parts[0]), let signature = Base64URL.decode(parts[2]) else {
            throw Self.malformed("is not base64url")
        }
        guard let header = JSONReader.readObject(headerBytes) else { throw Self.malformed("has no JSON header") }
        // RFC 7515 section 4.1.11: this client understands no extension, so a token that needs one is refused.
        guard header["crit"] == nil else { throw Self.malformed("has critical header members") }
        guard let algorithmName = header["alg"]?.stringValue else {
            throw OpenIDConnectError(.idTokenAlgorithm, "the ID token does not name its algorithm")
        }
        switch header["kid"] {
        case nil: kid = nil
        case .string(let text) where text.utf8.count <= Self.maximumKeyIDBytes: kid = text
        default: throw Self.malformed("has an impossible kid")
        }
        switch header["typ"] {
        case nil: type = nil
        case .string(let text): type = text
        default: throw Self.malformed("has an impossible typ")
        }
        self.algorithmName = algorithmName
        self.signature = signature
        self.encodedPayload = parts[1]
        self.signedBytes = Array(bytes[..<parts[1].endIndex])
    }

    /// The claims; call it only after the signature has been checked.
    func claims() throws(OpenIDConnectError) -> [String: JSONValue] {
        guard let payload = Base64URL.decode(encodedPayload), let claims = JSONReader.readObject(payload) else {
            throw Self.malformed("has no JSON claims, or one of them twice")
        }
        return claims
    }

    static func malformed(_ reason: String) -> OpenIDConnectError {
        OpenIDConnectError(.idTokenMalformed, "the ID token \(reason)")
    }
}
