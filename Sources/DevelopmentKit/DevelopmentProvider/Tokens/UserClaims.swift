/// What the granted scopes tell of a person (OpenID Connect Core 1.0, section 5.4).
///
/// It goes into the ID token as well as into the answer of `/userinfo`, so that an application that reads either sees
/// the same person.
struct UserClaims: Codable, Sendable {
    var name: String?
    var preferredUsername: String?
    var groups: [String]?
    var email: String?
    var emailVerified: Bool?

    private enum CodingKeys: String, CodingKey {
        case name, groups, email
        case preferredUsername = "preferred_username"
        case emailVerified = "email_verified"
    }

    init(_ user: DevelopmentUser, scopes: [String]) {
        if scopes.contains("profile") {
            name = user.name
            preferredUsername = user.preferredUsername
            groups = user.groups
        }
        if scopes.contains("groups") {
            groups = user.groups
        }
        if scopes.contains("email") {
            email = user.email
            emailVerified = user.emailVerified
        }
    }
}
