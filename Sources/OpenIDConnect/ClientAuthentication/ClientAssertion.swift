/// What a client signs to prove who it is (RFC 7523 section 3, Core section 9).
struct ClientAssertion {
    /// A provider that has seen an assertion remembers it for so long.
    static let lifetime: Int64 = 60

    private let claims: [String: JSONValue]

    init(_ authentication: ClientAuthentication, audience: String) {
        let configuration = authentication.configuration
        let clock = authentication.clock
        claims = [
            "iss": .string(configuration.clientID), "sub": .string(configuration.clientID),
            // One, and as a string: a second audience would be a second place where it could be used.
            "aud": .string(audience), "jti": .string(RandomToken.make()), "iat": clock.numericDate,
            "exp": clock.numericDate(after: Self.lifetime),
        ]
    }

    func text(_ key: ClientSigningKey) throws(OpenIDConnectError) -> String {
        // Other types are proposed (draft-ietf-oauth-rfc7523bis); many providers' libraries refuse what is not JWT.
        var header: [String: JSONValue] = ["typ": "JWT"]
        header["kid"] = key.keyID.map(JSONValue.string)
        return try SignedToken.make(
            header: header,
            claims: claims,
            algorithm: key.algorithm.name,
            sign: key.sign
        )
    }

    func text(_ secret: String, _ algorithm: MACAlgorithm) throws(OpenIDConnectError) -> String {
        try SignedToken.make(header: ["typ": "JWT"], claims: claims, algorithm: algorithm.rawValue) { bytes in
            algorithm.code(for: bytes, secret: secret)
        }
    }
}
