public import Secrets

extension RelyingParty {
    /// Judges a logout token that somebody posted, by Back-Channel Logout section 2.6 but for the question whether it
    /// came before.
    ///
    /// Keys and algorithms are those of ID tokens. Once this process has seen ID tokens of the provider, a logout token
    /// is signed with an algorithm that one of them was signed with: a provider signs both alike for one client (section
    /// 2.4). A `typ` need not be there, since the section only recommends it, but has to be right when it is.
    ///
    /// - Throws: ``OpenIDConnectError``: ``OpenIDConnectError/Code/logoutTokenInvalid`` for whatever is wrong with the
    ///   token; anything else says that it could not be judged. `CancellationError`.
    public func logoutToken(_ text: Secret<String>) async throws -> LogoutToken {
        let token: CompactToken
        do {
            token = try CompactToken(text)
        } catch {
            throw LogoutToken.refusal("is no signed token", underlying: error)
        }
        if let type = token.type, !Self.logoutTokenTypes.contains(where: type.hasSameASCIILetters) {
            throw LogoutToken.refusal("is of another type")
        }
        let metadata = try await metadataSource.current()
        do {
            let algorithm = try await verifier(metadata).checkedSignature(token, options: configuration.options)
            guard observedAlgorithms.permits(algorithm) else {
                throw LogoutToken.refusal("is signed with another algorithm than this provider's ID tokens")
            }
            return try LogoutToken(validating: token.claims(), configuration: configuration, now: clock.now())
        } catch let error as OpenIDConnectError where error.isAboutToken {
            throw LogoutToken.refusal("is refused (\(error.code.name): \(error.message))", underlying: error)
        }
    }

    /// RFC 8725 section 3.11; `JWT` says nothing, and is what libraries write.
    private static let logoutTokenTypes = ["logout+jwt", "application/logout+jwt", "jwt", "application/jwt"]
}

extension OpenIDConnectError {
    /// Whether the token is at fault, by the words that ID tokens are refused with.
    fileprivate var isAboutToken: Bool {
        [
            .idTokenMalformed, .idTokenAlgorithm, .idTokenKeyNotFound, .idTokenSignature, .idTokenIssuer,
            .idTokenAudience, .idTokenTime, .idTokenSubject,
        ].contains(code)
    }
}
