public import OpenIDConnect

/// Someone who signs in at the provider.
public struct ScriptedUser: Sendable {
    /// `sub`.
    public var subject: String
    /// Claims about the user, given in the ID token and at userinfo.
    public var claims: [String: JSONValue]

    /// Creates a user.
    public init(subject: String, claims: [String: JSONValue] = [:]) {
        self.subject = subject
        self.claims = claims
    }

    /// A user with a verified address.
    public static let alice = ScriptedUser(
        subject: "alice-1",
        claims: [
            "name": "Alice", "preferred_username": "alice", "email": "alice@example.org", "email_verified": true,
        ]
    )

    /// Another user.
    public static let mallory = ScriptedUser(
        subject: "mallory-1",
        claims: ["name": "Mallory", "preferred_username": "mallory", "email": "mallory@example.org"]
    )
}
