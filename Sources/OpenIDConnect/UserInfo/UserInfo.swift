/// What the userinfo endpoint said about the user whom the ID token named (Core section 5.3.2).
public struct UserInfo: Sendable {
    /// `sub`, byte for byte that of the ID token.
    public let subject: String
    /// The claims about the user: everything but the protocol's own.
    public let profile: [String: JSONValue]

    init(subject: String, claims: [String: JSONValue]) {
        self.subject = subject
        self.profile = claims.filter { !ProtectedClaims.names.contains($0.key) }
    }
}

extension UserInfo: CustomStringConvertible, CustomReflectable {
    /// How many claims there are: they are about a person.
    public var description: String { "userinfo(\(profile.count) claims)" }

    /// A mirror without the claims.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
