/// The claims about the user that applications ask for most, read from ID token and userinfo together.
public struct StandardClaims: Sendable {
    /// Every claim about the user; userinfo's where both have one.
    public let profile: [String: JSONValue]

    /// Joins the claims of a login.
    ///
    /// Userinfo cannot replace what the ID token says about itself. An address and whether it is verified are one
    /// statement, and so are a telephone number and whether that is: both come from the one source that has the
    /// address or the number, userinfo when both do, and never from one each.
    public init(_ claims: IDTokenClaims, userInfo: UserInfo? = nil) {
        let further = userInfo?.profile ?? [:]
        var profile = claims.profile.merging(further) { _, new in new }
        for name in ["email", "phone_number"] {
            let source = further[name] == nil ? claims.profile : further
            profile[name + "_verified"] = source[name] == nil ? nil : source[name + "_verified"]
        }
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

extension StandardClaims: CustomStringConvertible, CustomReflectable {
    /// How many claims there are: they are about a person.
    public var description: String { "claims(\(profile.count))" }

    /// A mirror without the claims.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
