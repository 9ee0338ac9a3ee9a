public import Sessions

/// A login that is waiting for the browser to come back.
public struct StartedLogin: Sendable {
    /// Where to send the browser: 303, never 307.
    public let redirectURL: String
    /// What was remembered; its id goes into a cookie of this browser.
    public let login: PendingLogin
    /// Whether the provider answers by a cross-site POST, so that the cookie needs `SameSite=None`.
    public let usesFormPost: Bool
}

extension StartedLogin: CustomStringConvertible, CustomReflectable {
    /// Without the URL, which holds `state` and `nonce`.
    public var description: String { "started login(provider: \(login.provider))" }

    /// A mirror without the URL.
    public var customMirror: Mirror { Mirror(self, children: ["provider": login.provider]) }
}
