/// The claims about the user that applications ask for most, read from ID token and userinfo together.
public struct StandardClaims: Sendable {
    /// Every claim about the user; userinfo's where both have one.
    public let profile: [String: ClaimValue]

    /// Joins the claims of a login.
    ///
    /// Userinfo cannot replace what the ID token says about itself.
    public init(_ claims: IDTokenClaims, userInfo: UserInfo? = nil) {
        var profile = claims.profile
        // A verified address is a statement about both claims together: never join one source's address with the
        // other's verification.
        if let userInfo, userInfo.profile["email"] != nil {
            profile["email_verified"] = nil
        }
        profile.merge(userInfo?.profile ?? [:]) { _, new in new }
        self.profile = profile
    }

    /// `name`.
    public var name: String? { profile["name"]?.stringValue }

    /// `preferred_username`: for display, never a key.
    public var preferredUsername: String? { profile["preferred_username"]?.stringValue }

    /// `email`: for display and contact, never a key.
    public var email: String? { profile["email"]?.stringValue }

    /// Whether the provider has verified the address: only the boolean true says so.
    public var isEmailVerified: Bool { email != nil && profile["email_verified"]?.boolValue == true }

    /// `groups`, when it is an array of strings.
    public var groups: [String] { profile["groups"]?.stringArrayValue ?? [] }
}
