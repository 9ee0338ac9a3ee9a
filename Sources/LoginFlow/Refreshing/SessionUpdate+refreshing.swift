import OpenIDConnect
import Secrets
import Sessions

extension SessionUpdate {
    /// What a refresh changes: tokens, what the provider says about the user, and whose request it was.
    ///
    /// A new ID token may say less than the first (Core section 12.2 asks for no claim about the user), so a claim that
    /// doesn't come stays, with two exceptions. Groups that don't come any more, beside other claims, are taken away:
    /// providers leave the claim out when nobody is in any. And whether an address is verified goes with the address.
    /// Roles follow the claim when it changes, so that what ``SessionManager/updateUserRole(_:to:)`` has set stays until
    /// the provider says something new.
    init(
        refreshing session: Session,
        by tokens: RefreshedTokens,
        claims: [String: JSONValue]?,
        nonce: Secret<String>?,
        rolesClaim: String,
        for browser: BrowserState
    ) {
        self.init()
        accessToken = .set(tokens.accessToken)
        accessTokenExpiresAt = tokens.accessTokenExpiresAt.map { .set($0) } ?? .clear
        if let token = tokens.refreshToken { refreshToken = .set(token) }
        if let token = tokens.idToken {
            idToken = .set(token)
            // The token that goes had it, the one that comes need not.
            if session.nonce == nil, let nonce { self.nonce = .set(nonce) }
        }
        if let sid = tokens.claims?.sessionID { providerSessionID = .set(sid) }
        if let agent = browser.userAgent {
            userAgent = .set(agent)
            deviceLabel = DeviceLabel.of(userAgent: agent).map { .set($0) } ?? .clear
        }
        if let address = browser.ipAddress { ipAddress = .set(address) }
        extendsLifetime = true
        if let claims, !claims.isEmpty { setClaims(claims, of: session, rolesClaim: rolesClaim) }
    }

    private mutating func setClaims(_ claims: [String: JSONValue], of session: Session, rolesClaim: String) {
        profile = claims.mapValues { $0 }
        for name in ["email", "phone_number"] where claims[name] != nil && claims[name + "_verified"] == nil {
            profile.updateValue(nil, forKey: name + "_verified")
        }
        let (before, now) = (session.profile[rolesClaim], claims[rolesClaim])
        if now == nil, before != nil { profile.updateValue(nil, forKey: rolesClaim) }
        let (old, new) = (before?.stringArrayValue ?? [], now?.stringArrayValue ?? [])
        if Set(old) != Set(new) { roles = new }
    }
}
