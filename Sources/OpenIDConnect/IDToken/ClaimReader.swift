#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// Judges the claims that any token of the provider's to this client has, after its signature has been checked: by
/// Core section 3.1.3.7, whose numbers are below.
struct ClaimReader: Sendable {
    /// More audiences than any provider has use for.
    static let maximumAudiences = 32
    /// What an index of the session store holds without trouble.
    static let maximumSessionIDBytes = 1024
    /// The last second of the year 9999: what lies beyond has no date in most formats.
    static let endOfTime = 253_402_300_799.0

    let claims: [String: JSONValue]
    let configuration: ProviderConfiguration
    /// Seconds since 1970.
    let now: Double
    /// What messages call the token.
    let token: String

    init(claims: [String: JSONValue], configuration: ProviderConfiguration, now: Date, token: String = "ID token") {
        self.claims = claims
        self.configuration = configuration
        self.now = now.timeIntervalSince1970
        self.token = token
    }

    private var options: ProviderConfiguration.Options { configuration.options }
    private var skew: Double { options.clockSkew.inSeconds }

    /// (2) `iss` is exactly the issuer: a prefix, another case or a list of issuers is somebody else.
    func issuer() throws(OpenIDConnectError) -> String {
        guard let issuer = claims["iss"]?.stringValue, issuer.hasSameBytes(as: configuration.issuer) else {
            throw OpenIDConnectError(.idTokenIssuer, "iss of the \(token) is not the issuer")
        }
        return issuer
    }

    /// (3), (4) `aud` names this client and, besides, only those whom the configuration trusts.
    func audience() throws(OpenIDConnectError) -> [String] {
        guard
            let audience = claims["aud"].flatMap({ $0.stringValue.map { [$0] } ?? $0.stringArrayValue }),
            audience.count <= Self.maximumAudiences
        else { throw OpenIDConnectError(.idTokenAudience, "aud of the \(token) is neither a string nor a short list") }
        let client = configuration.clientID
        guard audience.contains(where: { $0.hasSameBytes(as: client) }) else {
            throw OpenIDConnectError(.idTokenAudience, "aud of the \(token) does not name this client")
        }
        guard audience.allSatisfy({ $0.hasSameBytes(as: client) || options.trustedAudiences.containsBytes(of: $0) })
        else {
            throw OpenIDConnectError(.idTokenAudience, "aud of the \(token) names an untrusted audience as well")
        }
        return audience
    }

    /// (9), (10) and RFC 7519 section 4.1.5: not expired, issued lately and not in the future, already valid.
    func times() throws(OpenIDConnectError) -> (expiresAt: Date, issuedAt: Date) {
        guard let expiry = try time("exp"), let issue = try time("iat") else {
            throw OpenIDConnectError(.idTokenTime, "the \(token) lacks exp or iat")
        }
        guard now < expiry + skew else {
            throw OpenIDConnectError(.idTokenTime, "the \(token) has expired")
        }
        guard issue <= now + skew else {
            throw OpenIDConnectError(.idTokenTime, "the \(token) was issued in the future")
        }
        guard issue >= now - skew - options.maximumIDTokenAge.inSeconds else {
            throw OpenIDConnectError(.idTokenTime, "the \(token) was issued too long ago")
        }
        if let start = try time("nbf"), start > now + skew {
            throw OpenIDConnectError(.idTokenTime, "the \(token) is not valid yet")
        }
        return (
            Date(timeIntervalSince1970: min(expiry, Self.endOfTime)),
            Date(timeIntervalSince1970: issue)
        )
    }

    /// Core section 2: 1 to 255 ASCII characters.
    func subject() throws(OpenIDConnectError) -> String {
        guard let subject = claims["sub"]?.stringValue, Self.isName(subject) else {
            throw OpenIDConnectError(.idTokenSubject, "sub of the \(token) is missing or malformed")
        }
        return subject
    }

    /// No specification limits it, and some providers put a whole encrypted key there: 332 characters are usual with
    /// idpyoidc.
    func sessionID() throws(OpenIDConnectError) -> String? {
        guard let value = claims["sid"] else { return nil }
        guard let sessionID = value.stringValue, Self.isName(sessionID, maximumBytes: Self.maximumSessionIDBytes) else {
            throw OpenIDConnectError(.idTokenMalformed, "the \(token) has an impossible sid")
        }
        return sessionID
    }

    /// Seconds since 1970, fractions allowed; nil when absent.
    func time(_ name: String) throws(OpenIDConnectError) -> Double? {
        guard let value = claims[name] else { return nil }
        guard let seconds = value.numberValue else {
            throw OpenIDConnectError(.idTokenTime, "\(name) of the \(token) is not a number")
        }
        return seconds
    }

    static func isName(_ text: String, maximumBytes: Int = 255) -> Bool {
        (1...maximumBytes).contains(text.utf8.count) && text.isPrintableASCII
    }
}
