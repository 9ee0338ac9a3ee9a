#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

extension LogoutToken {
    private static let event = "http://schemas.openid.net/event/backchannel-logout"

    /// Judges claims whose signature has been checked, by Back-Channel Logout section 2.6, whose numbers are below.
    init(
        validating claims: [String: JSONValue],
        configuration: ProviderConfiguration,
        now: Date
    ) throws(OpenIDConnectError) {
        let reader = ClaimReader(claims: claims, configuration: configuration, now: now, token: "logout token")
        // (3) as in ID tokens.
        issuer = try reader.issuer()
        _ = try reader.audience()
        (expiresAt, issuedAt) = try reader.times()
        // (4) one of them, and neither in an impossible form.
        subject = claims["sub"] == nil ? nil : try reader.subject()
        sessionID = try reader.sessionID()
        guard subject != nil || sessionID != nil else { throw Self.refusal("names neither a subject nor a session") }
        // (5) other events may stand beside it; what the object of this one holds means nothing yet.
        guard let events = claims["events"]?.objectValue, events[Self.event]?.objectValue != nil else {
            throw Self.refusal("does not tell of a logout")
        }
        // (6) so that an ID token is none, and no logout token signs anybody in.
        guard claims["nonce"] == nil else { throw Self.refusal("has a nonce") }
        // (7) whether it came before is the store's to say.
        guard let jwtID = claims["jti"]?.stringValue, ClaimReader.isName(jwtID) else {
            throw Self.refusal("has no usable jti")
        }
        self.jwtID = jwtID
        let options = configuration.options
        let end = min(expiresAt, issuedAt.addingTimeInterval(options.maximumIDTokenAge.inSeconds))
        acceptableUntil = end.addingTimeInterval(options.clockSkew.inSeconds)
    }

    static func refusal(_ reason: String, underlying: OpenIDConnectError? = nil) -> OpenIDConnectError {
        OpenIDConnectError(.logoutTokenInvalid, "the logout token \(reason)", underlying: underlying)
    }
}
