import Crypto
import Secrets

/// Proves with each request that the client holds the key that its tokens are bound to (RFC 9449 section 4).
struct DPoPProver: Sendable {
    /// A proof, and the nonce in it.
    struct Proof {
        let text: String
        let nonce: String?
    }

    let key: ClientSigningKey
    let clock: any WallClock
    let nonces = DPoPNonces()

    /// A proof for one request, never used twice.
    ///
    /// - Parameter accessToken: the token that the request carries, if it does (`ath`).
    func proof(
        for request: HTTPTransportRequest,
        accessToken: Secret<String>? = nil
    ) throws(OpenIDConnectError) -> Proof {
        var claims: [String: JSONValue] = [
            "jti": .string(RandomToken.make()), "htm": .string(request.method.rawValue),
            // Without query and fragment; there never is a fragment.
            "htu": .string(String(request.url.prefix { $0 != "?" })),
            "iat": clock.numericDate,
        ]
        let nonce = nonces.nonce(for: request.url)
        claims["nonce"] = nonce.map(JSONValue.string)
        if let accessToken {
            let hash = SHA256.hash(data: Array(accessToken.reveal().utf8))
            claims["ath"] = .string(Base64URL.encode(Array(hash)))
        }
        let text = try SignedToken.make(
            header: ["typ": "dpop+jwt", "jwk": .object(key.publicMembers)],
            claims: claims,
            algorithm: key.algorithm.name,
            sign: key.sign
        )
        return Proof(text: text, nonce: nonce)
    }
}
