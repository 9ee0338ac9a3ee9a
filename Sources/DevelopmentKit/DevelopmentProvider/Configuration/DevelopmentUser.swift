/// A person whom the development provider can sign in, without a password.
public struct DevelopmentUser: Sendable, Hashable {
    /// The `sub` claim: stable, at most 255 ASCII characters (OpenID Connect Core 1.0, section 2).
    public var subject: String
    /// The `name` claim: how the person is shown.
    public var name: String
    /// The `preferred_username` claim.
    public var preferredUsername: String
    /// The `email` claim.
    public var email: String
    /// The `email_verified` claim.
    public var emailVerified: Bool
    /// The `groups` claim.
    public var groups: [String]

    /// Describes a person.
    public init(
        subject: String,
        name: String,
        preferredUsername: String,
        email: String,
        emailVerified: Bool = true,
        groups: [String] = []
    ) {
        self.subject = subject
        self.name = name
        self.preferredUsername = preferredUsername
        self.email = email
        self.emailVerified = emailVerified
        self.groups = groups
    }
}

extension DevelopmentUser {
    /// Four people who differ in what an application usually looks at: groups, and an address that is not verified.
    public static let examples: [DevelopmentUser] = [
        DevelopmentUser(
            subject: "user-ada",
            name: "Ada Lovelace",
            preferredUsername: "ada",
            email: "ada@example.com",
            groups: ["admins", "engineering"]
        ),
        DevelopmentUser(
            subject: "user-grace",
            name: "Grace Hopper",
            preferredUsername: "grace",
            email: "grace@example.com",
            groups: ["engineering"]
        ),
        DevelopmentUser(
            subject: "user-linus",
            name: "Linus Pauling",
            preferredUsername: "linus",
            email: "linus@example.com",
            groups: ["research"]
        ),
        DevelopmentUser(
            subject: "user-mallory",
            name: "Mallory (address not verified)",
            preferredUsername: "mallory",
            email: "mallory@example.com",
            emailVerified: false
        ),
    ]
}
