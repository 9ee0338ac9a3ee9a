public import Secrets

extension RelyingParty {
    /// Judges a logout token that somebody posted, by Back-Channel Logout section 2.6 but for the question whether it
    /// came before.
    ///
    /// Keys and algorithms are those of ID tokens: what the configuration allows and the provider announces. What this
    /// process has seen of ID tokens doesn't count, or replicas would differ while a provider changes its algorithm. A
    /// `typ` need not be there, since the section only recommends it, but has to be right when it is.
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
            _ = try await verifier(metadata).checkedSignature(token, options: configuration.options)
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
