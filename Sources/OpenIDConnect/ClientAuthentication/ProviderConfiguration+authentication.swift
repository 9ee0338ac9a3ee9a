import Secrets

extension ProviderConfiguration {
    /// How the client proves itself to a provider with this metadata: as the configuration says, else in the first way
    /// that both have in common.
    ///
    /// Whoever configures a key wants it used: no secret takes its place.
    ///
    /// - Throws: ``OpenIDConnectError/Code/metadataInvalid`` when the two have nothing in common.
    package func authenticationMethod(
        at metadata: ProviderMetadata
    ) throws(OpenIDConnectError) -> ClientAuthenticationMethod {
        if let method = options.authenticationMethod { return method }
        let offered = metadata.tokenEndpointAuthenticationMethods
        if options.clientKey != nil {
            guard offered?.containsBytes(of: ClientAuthenticationMethod.privateKeyJWT.rawValue) ?? true else {
                throw OpenIDConnectError(.metadataInvalid, "discovery: the provider does not accept private_key_jwt")
            }
            return .privateKeyJWT
        }
        guard clientSecret != nil else { return .none }
        guard let offered else { return .clientSecretBasic }
        for method in [ClientAuthenticationMethod.clientSecretBasic, .clientSecretPost, .clientSecretJWT]
        where offered.containsBytes(of: method.rawValue) {
            return method
        }
        throw OpenIDConnectError(.metadataInvalid, "discovery: the provider accepts no client secret")
    }

    /// The first algorithm for `client_secret_jwt` that the provider knows and the secret is long enough for.
    package func macAlgorithm(at metadata: ProviderMetadata) throws(OpenIDConnectError) -> MACAlgorithm {
        // Core section 9: HS256 is the one that is expected of everybody.
        let offered = metadata.tokenEndpointAuthenticationAlgorithms ?? [MACAlgorithm.hs256.rawValue]
        let known = MACAlgorithm.allCases.filter { offered.containsBytes(of: $0.rawValue) }
        guard let shortest = known.first else {
            throw OpenIDConnectError(.metadataInvalid, "discovery: no algorithm is there for client_secret_jwt")
        }
        let bytes = clientSecret?.reveal().utf8.count ?? 0
        guard bytes >= shortest.minimumSecretBytes else {
            throw OpenIDConnectError(
                .invalidConfiguration,
                "clientSecret: must have \(shortest.minimumSecretBytes) bytes for client_secret_jwt with \(shortest.rawValue)"
            )
        }
        return shortest
    }
}
