extension RelyingParty {
    /// Whether the provider takes what the client's keys sign with, by its metadata.
    ///
    /// It is asked before anything is sent: a provider that ignores proofs spends the code or refresh token and answers
    /// with a bearer token, which is thrown away.
    ///
    /// - Throws: ``OpenIDConnectError/Code/invalidConfiguration``, with a message that says what to change.
    func checkKeys(_ metadata: ProviderMetadata, proving: Bool = true) throws(OpenIDConnectError) {
        if proving, let key = configuration.options.dpopKey {
            // RFC 9449 section 5.1: a provider that takes proofs says which.
            guard let algorithms = metadata.dpopAlgorithms, !algorithms.isEmpty else {
                throw OpenIDConnectError(
                    .invalidConfiguration,
                    "dpopKey: the provider announces no DPoP (dpop_signing_alg_values_supported): remove the key"
                )
            }
            try Self.check(key, "dpopKey", among: algorithms, of: "dpop_signing_alg_values_supported")
        }
        if let key = configuration.options.clientKey,
            let algorithms = metadata.tokenEndpointAuthenticationAlgorithms
        {
            try Self.check(key, "clientKey", among: algorithms, of: "token_endpoint_auth_signing_alg_values_supported")
        }
    }

    private static func check(
        _ key: ClientSigningKey,
        _ setting: String,
        among algorithms: [String],
        of member: String
    ) throws(OpenIDConnectError) {
        guard algorithms.containsBytes(of: key.algorithm.name) else {
            throw OpenIDConnectError(
                .invalidConfiguration,
                "\(setting): signs with \(key.algorithm), which is not in the provider's \(member): use another key"
            )
        }
    }
}
