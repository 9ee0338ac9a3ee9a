import OpenIDConnect
import Secrets
import Sessions

extension SessionUpdate {
    /// What a refresh changes: tokens, what the provider says about the user, and whose request it was.
    ///
    /// A claim that doesn't come stays, but for roles that end (``RefreshedClaims``) and for whether an address is
    /// verified, which goes with the address. Roles follow the claim when it changes, so that what
    /// ``SessionManager/updateUserRole(_:to:)`` has set stays until the provider says something new.
    init(
        refreshing session: Session,
        by tokens: RefreshedTokens,
        claims: RefreshedClaims,
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
        setClaims(claims.claims, of: session)
        setRoles(claims, of: session, rolesClaim: rolesClaim)
    }

    private mutating func setClaims(_ claims: [String: JSONValue], of session: Session) {
        profile = claims.mapValues { $0 }
        for name in ["email", "phone_number"] where claims[name] != nil && claims[name + "_verified"] == nil {
            profile.updateValue(nil, forKey: name + "_verified")
        }
    }

    private mutating func setRoles(_ claims: RefreshedClaims, of session: Session, rolesClaim: String) {
        let before = session.profile[rolesClaim]
        let now = claims.endsRoles ? nil : claims.claims[rolesClaim] ?? before
        if now == nil, before != nil { profile.updateValue(nil, forKey: rolesClaim) }
        let (old, new) = (before?.stringArrayValue ?? [], now?.stringArrayValue ?? [])
        if Set(old) != Set(new) { roles = new }
    }
}
