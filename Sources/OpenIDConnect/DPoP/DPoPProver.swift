import Crypto
import Secrets

/// Proves with each request that the client holds the key that its tokens are bound to (RFC 9449 section 4).
struct DPoPProver: Sendable {
    let key: ClientSigningKey
    let clock: any WallClock
    let nonces = DPoPNonces()

    /// A proof for one request, never used twice.
    ///
    /// - Parameters:
    ///   - accessToken: the token that the request carries, if it does (`ath`).
    ///   - nonce: what the server gave for it, if it did.
    func proof(
        for request: HTTPTransportRequest,
        accessToken: Secret<String>?,
        nonce: String?
    ) throws(OpenIDConnectError) -> String {
        var claims: [String: JSONValue] = [
            "jti": .string(RandomToken.make()), "htm": .string(request.method.rawValue),
            // Without query and fragment; there never is a fragment.
            "htu": .string(String(request.url.prefix { $0 != "?" })),
            "iat": clock.numericDate,
        ]
        claims["nonce"] = nonce.map(JSONValue.string)
        if let accessToken {
            let hash = SHA256.hash(data: Array(accessToken.reveal().utf8))
            claims["ath"] = .string(Base64URL.encode(Array(hash)))
        }
        return try SignedToken.make(
            header: ["typ": "dpop+jwt", "jwk": .object(key.publicMembers)],
            claims: claims,
            algorithm: key.algorithm.name,
            sign: key.sign
        )
    }
}
