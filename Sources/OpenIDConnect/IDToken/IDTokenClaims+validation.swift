import Secrets

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

extension IDTokenClaims {
    /// Judges claims whose signature has been checked, by Core section 3.1.3.7, whose numbers are below.
    init(
        validating claims: [String: JSONValue],
        by expected: IDTokenExpectation,
        hash: TokenHash
    ) throws(OpenIDConnectError) {
        let reader = ClaimReader(claims: claims, configuration: expected.configuration, now: expected.now)
        let judge = ExpectedClaims(reader: reader, expected: expected)
        issuer = try reader.issuer()
        audience = try reader.audience()
        authorizedParty = try judge.authorizedParty()
        (expiresAt, issuedAt) = try reader.times()
        subject = try judge.subject()
        sessionID = try reader.sessionID()
        try judge.checkKind()
        try judge.checkNonce()
        try judge.checkAccessTokenHash(hash)
        authenticationContext = try judge.authenticationContext()
        authenticatedAt = try judge.authenticatedAt()
        all = claims
    }
}

/// What an ID token must say besides, as the answer to a request of ours.
private struct ExpectedClaims {
    let reader: ClaimReader
    let expected: IDTokenExpectation

    var claims: [String: JSONValue] { reader.claims }
    var now: Double { reader.now }
    var options: ProviderConfiguration.Options { expected.configuration.options }

    /// (5) `azp`, when there, is this client.
    func authorizedParty() throws(OpenIDConnectError) -> String? {
        guard let value = claims["azp"] else { return nil }
        guard let party = value.stringValue, party.hasSameBytes(as: expected.configuration.clientID) else {
            throw OpenIDConnectError(.idTokenAudience, "azp of the ID token is not this client")
        }
        return party
    }

    /// In a refresh the subject is the same as at the login (Core section 12.2).
    func subject() throws(OpenIDConnectError) -> String {
        let subject = try reader.subject()
        if case .refresh(let before, _, _) = expected.occasion, !subject.hasSameBytes(as: before) {
            throw OpenIDConnectError(.idTokenSubject, "the refreshed ID token is about another subject")
        }
        return subject
    }

    /// Back-Channel Logout section 2.4: a token with `events` is a logout token, which signs nobody in.
    func checkKind() throws(OpenIDConnectError) {
        guard claims["events"] == nil else { throw CompactToken.malformed("is a logout token") }
    }

    /// (11) `nonce` is the one that was sent, and was sent back.
    func checkNonce() throws(OpenIDConnectError) {
        let sent: Secret<String>
        switch (expected.occasion, claims["nonce"]) {
        case (.login(let nonce), _): sent = nonce
        case (.refresh(_, .some(let nonce), _), .some): sent = nonce
        case (.refresh, _): return
        }
        guard let nonce = claims["nonce"]?.stringValue, ConstantTime.areEqual(nonce, sent.reveal()) else {
            throw OpenIDConnectError(.idTokenNonce, "nonce of the ID token is not that of the login")
        }
    }

    /// Core section 3.1.3.8: `at_hash`, when there, is that of the access token beside it.
    func checkAccessTokenHash(_ hash: TokenHash) throws(OpenIDConnectError) {
        guard let value = claims["at_hash"] else { return }
        guard let text = value.stringValue,
            ConstantTime.areEqual(text, hash.leftHalf(of: expected.accessToken.reveal()))
        else { throw OpenIDConnectError(.idTokenAccessTokenHash, "at_hash is not that of the access token") }
    }

    /// (12) `acr` is one of those that were asked for.
    ///
    /// A refresh asks for none, nobody signs in, and Core section 12.2 demands nothing of the claim: another one says
    /// nothing about the login, and counts as none.
    func authenticationContext() throws(OpenIDConnectError) -> String? {
        let context = claims["acr"]?.stringValue
        let required = expected.requiredAuthenticationContexts
        guard required.isEmpty || context.map(required.containsBytes) == true else {
            if case .refresh = expected.occasion { return nil }
            throw OpenIDConnectError(.idTokenAuthentication, "acr is none of those that were asked for")
        }
        return context
    }

    /// (13) With `max_age`, the user signed in at the provider no longer ago than that.
    func authenticatedAt() throws(OpenIDConnectError) -> Date? {
        guard let moment = try reader.time("auth_time") else {
            guard expected.maximumAuthenticationAge == nil else {
                throw OpenIDConnectError(.idTokenAuthentication, "auth_time is missing although max_age was sent")
            }
            return nil
        }
        guard moment >= 0, moment <= now + expected.skew else {
            throw OpenIDConnectError(.idTokenAuthentication, "auth_time is in the future or before 1970")
        }
        if case .refresh(_, _, .some(let login)) = expected.occasion,
            // Whoever stored it may have kept whole seconds.
            abs(moment - login.timeIntervalSince1970) >= 1
        {
            throw OpenIDConnectError(.idTokenAuthentication, "auth_time is not that of the login")
        }
        if let age = expected.maximumAuthenticationAge, moment < now - expected.skew - age.inSeconds {
            throw OpenIDConnectError(.idTokenAuthentication, "the user signed in longer ago than max_age")
        }
        return Date(timeIntervalSince1970: moment)
    }
}
