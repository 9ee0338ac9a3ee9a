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
        let reader = ClaimReader(claims: claims, expected: expected)
        issuer = try reader.issuer()
        audience = try reader.audience()
        authorizedParty = try reader.authorizedParty()
        (expiresAt, issuedAt) = try reader.times()
        subject = try reader.subject()
        sessionID = try reader.sessionID()
        try reader.checkKind()
        try reader.checkNonce()
        try reader.checkAccessTokenHash(hash)
        authenticationContext = try reader.authenticationContext()
        authenticatedAt = try reader.authenticatedAt()
        all = claims
    }
}

private struct ClaimReader {
    /// More audiences than any provider has use for.
    static let maximumAudiences = 32
    /// The last second of the year 9999: what lies beyond has no date in most formats.
    static let endOfTime = 253_402_300_799.0

    let claims: [String: JSONValue]
    let expected: IDTokenExpectation

    var now: Double { expected.now.timeIntervalSince1970 }
    var options: ProviderConfiguration.Options { expected.configuration.options }

    /// (2) `iss` is exactly the issuer: a prefix, another case or a list of issuers is somebody else.
    func issuer() throws(OpenIDConnectError) -> String {
        guard let issuer = claims["iss"]?.stringValue, issuer.hasSameBytes(as: expected.configuration.issuer) else {
            throw OpenIDConnectError(.idTokenIssuer, "iss of the ID token is not the issuer")
        }
        return issuer
    }

    /// (3), (4) `aud` names this client and, besides, only those whom the configuration trusts.
    func audience() throws(OpenIDConnectError) -> [String] {
        guard
            let audience = claims["aud"].flatMap({ $0.stringValue.map { [$0] } ?? $0.stringArrayValue }),
            audience.count <= Self.maximumAudiences
        else { throw OpenIDConnectError(.idTokenAudience, "aud of the ID token is neither a string nor a short list") }
        let client = expected.configuration.clientID
        guard audience.contains(where: { $0.hasSameBytes(as: client) }) else {
            throw OpenIDConnectError(.idTokenAudience, "aud of the ID token does not name this client")
        }
        guard audience.allSatisfy({ $0.hasSameBytes(as: client) || options.trustedAudiences.containsBytes(of: $0) })
        else {
            throw OpenIDConnectError(.idTokenAudience, "aud of the ID token names an untrusted audience as well")
        }
        return audience
    }

    /// (5) `azp`, when there, is this client.
    func authorizedParty() throws(OpenIDConnectError) -> String? {
        guard let value = claims["azp"] else { return nil }
        guard let party = value.stringValue, party.hasSameBytes(as: expected.configuration.clientID) else {
            throw OpenIDConnectError(.idTokenAudience, "azp of the ID token is not this client")
        }
        return party
    }

    /// (9), (10) and RFC 7519 section 4.1.5: not expired, issued lately and not in the future, already valid.
    func times() throws(OpenIDConnectError) -> (expiresAt: Date, issuedAt: Date) {
        guard let expiry = try time("exp"), let issue = try time("iat") else {
            throw OpenIDConnectError(.idTokenTime, "the ID token lacks exp or iat")
        }
        guard now < expiry + expected.skew else {
            throw OpenIDConnectError(.idTokenTime, "the ID token has expired")
        }
        guard issue <= now + expected.skew else {
            throw OpenIDConnectError(.idTokenTime, "the ID token was issued in the future")
        }
        guard issue >= now - expected.skew - options.maximumIDTokenAge.inSeconds else {
            throw OpenIDConnectError(.idTokenTime, "the ID token was issued too long ago")
        }
        if let start = try time("nbf"), start > now + expected.skew {
            throw OpenIDConnectError(.idTokenTime, "the ID token is not valid yet")
        }
        return (
            Date(timeIntervalSince1970: min(expiry, Self.endOfTime)),
            Date(timeIntervalSince1970: issue)
        )
    }

    /// Core section 2: 1 to 255 ASCII characters; in a refresh the same as at the login (section 12.2).
    func subject() throws(OpenIDConnectError) -> String {
        guard let subject = claims["sub"]?.stringValue, (1...255).contains(subject.utf8.count),
            subject.isPrintableASCII
        else { throw OpenIDConnectError(.idTokenSubject, "sub of the ID token is missing or malformed") }
        if case .refresh(let before, _, _) = expected.occasion, !subject.hasSameBytes(as: before) {
            throw OpenIDConnectError(.idTokenSubject, "the refreshed ID token is about another subject")
        }
        return subject
    }

    func sessionID() throws(OpenIDConnectError) -> String? {
        guard let value = claims["sid"] else { return nil }
        guard let sessionID = value.stringValue, (1...255).contains(sessionID.utf8.count), sessionID.isPrintableASCII
        else { throw CompactToken.malformed("has an impossible sid") }
        return sessionID
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

    /// (12) `acr` is one of those that were asked for; a refresh asks for none and need not tell.
    func authenticationContext() throws(OpenIDConnectError) -> String? {
        let context = claims["acr"]?.stringValue
        if case .refresh = expected.occasion, context == nil { return nil }
        let required = expected.requiredAuthenticationContexts
        guard required.isEmpty || context.map(required.containsBytes) == true else {
            throw OpenIDConnectError(.idTokenAuthentication, "acr is none of those that were asked for")
        }
        return context
    }

    /// (13) With `max_age`, the user signed in at the provider no longer ago than that.
    func authenticatedAt() throws(OpenIDConnectError) -> Date? {
        guard let moment = try time("auth_time") else {
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

    /// Seconds since 1970, fractions allowed; nil when absent.
    private func time(_ name: String) throws(OpenIDConnectError) -> Double? {
        guard let value = claims[name] else { return nil }
        guard let seconds = value.numberValue else {
            throw OpenIDConnectError(.idTokenTime, "\(name) of the ID token is not a number")
        }
        return seconds
    }
}
