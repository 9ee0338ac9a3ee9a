import Secrets

/// Checks an ID token from the outside in: form, algorithm, signature, claims.
struct IDTokenVerifier: Sendable {
    let keys: ProviderKeys
    let metadata: MetadataSource.Entry
    let source: MetadataSource

    func verify(_ token: Secret<String>, by expected: IDTokenExpectation) async throws -> IDTokenClaims {
        let parsed = try CompactToken(token)
        // RFC 8725 section 3.11: an access token (`at+jwt`) or a logout token (`logout+jwt`) is no ID token.
        if let type = parsed.type, !["jwt", "application/jwt"].contains(where: type.hasSameASCIILetters) {
            throw CompactToken.malformed("is of another type")
        }
        let algorithm = try await checkedSignature(parsed, options: expected.configuration.options)
        return try IDTokenClaims(validating: parsed.claims(), by: expected, hash: algorithm.hash)
    }

    /// Checks that a token is signed by the provider; the algorithm that it is signed with.
    func checkedSignature(
        _ token: CompactToken,
        options: ProviderConfiguration.Options
    ) async throws -> SigningAlgorithm {
        let algorithm = try await allowedAlgorithm(token.algorithmName, options: options)
        try await checkSignature(token, algorithm: algorithm)
        return algorithm
    }

    /// (7), (8) Only what the configuration allows and the provider announces; `none` and the shared-secret algorithms
    /// have no ``SigningAlgorithm`` at all.
    ///
    /// An algorithm that the configuration allows and the metadata does not know yet makes the metadata be fetched
    /// again, as an unknown key does the keys: the provider may have changed to it since.
    private func allowedAlgorithm(
        _ name: String,
        options: ProviderConfiguration.Options
    ) async throws -> SigningAlgorithm {
        let refusal = OpenIDConnectError(.idTokenAlgorithm, "the ID token is signed with an algorithm not allowed")
        guard let algorithm = SigningAlgorithm(name: name),
            options.allowedAlgorithms.contains(where: { $0.canonical == algorithm.canonical })
        else { throw refusal }
        if metadata.value.announces(algorithm) { return algorithm }
        guard try await source.newer(than: metadata.version)?.value.announces(algorithm) == true else { throw refusal }
        return algorithm
    }

    /// (6) A key of the provider's fits the header, and the signature is its.
    ///
    /// A header that no key fits makes the keys be fetched again (Core section 10.1.1). So does a signature that no key
    /// verifies: after a rotation without a `kid`, or with the old one, nothing else tells the new key from the old.
    func checkSignature(_ token: CompactToken, algorithm: SigningAlgorithm) async throws {
        let cached = try await keys.current()
        var candidates = cached.value.candidates(for: algorithm, kid: token.kid)
        if await isSigned(token, by: candidates, algorithm) { return }
        if let newer = try await keys.newer(than: cached.version) {
            candidates = newer.value.candidates(for: algorithm, kid: token.kid)
            if await isSigned(token, by: candidates, algorithm) { return }
        }
        throw candidates.isEmpty
            ? OpenIDConnectError(.idTokenKeyNotFound, "none of the provider's keys fits the ID token")
            : OpenIDConnectError(.idTokenSignature, "the signature of the ID token is wrong")
    }

    private func isSigned(_ token: CompactToken, by keys: [JSONWebKey], _ algorithm: SigningAlgorithm) async -> Bool {
        for key in keys
        where await SignatureVerifier.isValid(token.signature, of: token.signedBytes, by: key, algorithm: algorithm) {
            return true
        }
        return false
    }
}
