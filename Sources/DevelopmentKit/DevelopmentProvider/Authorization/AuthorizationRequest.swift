/// A request of an application that has passed every check (OpenID Connect Core 1.0, section 3.1.2.1).
struct AuthorizationRequest: Sendable {
    var client: DevelopmentClient
    var answer: AnswerTarget
    /// Those asked for that are known here, in the order asked for.
    var scopes: [String]
    var nonce: String?
    /// BASE64URL(SHA256(verifier)), RFC 7636, section 4.2.
    var codeChallenge: String
    /// `prompt=none`: answer without showing a page.
    var isSilent: Bool
    /// Seconds.
    var maximumAge: Int?
    var loginHint: String?
}

/// Where and how the answer to a request goes.
struct AnswerTarget: Sendable {
    enum Mode: String {
        case query
        /// OAuth 2.0 Form Post Response Mode.
        case formPost = "form_post"
    }

    var redirectURI: String
    var mode: Mode
    var state: String?
}

/// What is known of a browser that wants to sign out (RP-Initiated Logout 1.0, section 2).
struct SignOutRequest: Sendable {
    /// Name of the application that asks, when it has said who it is.
    var clientName: String?
    /// The provider's session in the hint.
    var sessionID: String?
    /// Registered, with `state` appended.
    var returnTo: String?
}
