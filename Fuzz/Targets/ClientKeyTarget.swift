import Secrets

@testable import OpenIDConnect
@testable import WireText

extension FuzzTarget {
    /// A private key of this client's, as PEM or JWK.
    static let clientKey = FuzzTarget(
        name: "client-key",
        maximumBytes: 17_000,
        dictionary: [
            "-----BEGIN PRIVATE KEY-----\n", "\n-----END PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----",
            "MC4CAQAwBQYDK2VwBCIEI", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"", "\"d\":\"", "\"x\":\"", "\"y\":\"",
            "\"crv\":\"P-256\"", "\"kty\":\"EC\"", "\"kty\":\"RSA\"", "\"alg\":\"EdDSA\"", "\"kid\":\"k\"", "Proc-Type",
        ]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let key: ClientSigningKey
        do throws(OpenIDConnectError) {
            key = try ClientSigningKey(Secret(text))
        } catch {
            // A refusal says nothing that is in the key.
            return try expect(
                error.description.utf8.count < 300 && error.description.isPrintableASCII,
                "a long refusal"
            )
        }
        try expect(
            key.publicJWK.keys.allSatisfy { !["d", "p", "q", "dp", "dq", "qi", "k"].contains($0) },
            "a private member"
        )
        try expect(key.thumbprint.utf8.count == 43, "a thumbprint of another length")
        guard let published = JSONWebKey(.object(key.publicJWK)) else {
            throw Violation(description: "a published key that nobody can use")
        }
        let signature = try key.sign([1, 2, 3])
        let isOurs = await SignatureVerifier.isValid(signature, of: [1, 2, 3], by: published, algorithm: key.algorithm)
        try expect(isOurs, "the published key is not the private one's")
    }
}
