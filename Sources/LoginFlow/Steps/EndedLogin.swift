public import Secrets

/// A session that is over, here.
public struct EndedLogin: Sendable {
    /// Where to send the browser to sign out of the provider as well; nil when there is no such place or it could not
    /// be learnt.
    ///
    /// Carries the ID token as a hint (RP-Initiated Logout section 2): send it to the browser and nowhere else.
    public let providerLogoutURL: String?
    /// What the provider sends the browser back with, which tells that it has been there; nil when nothing comes back.
    public let state: Secret<String>?
    /// Whether there was a session to end.
    public let wasSignedIn: Bool

    init(providerLogoutURL: String? = nil, state: Secret<String>? = nil, wasSignedIn: Bool) {
        self.providerLogoutURL = providerLogoutURL
        self.state = state
        self.wasSignedIn = wasSignedIn
    }
}

extension EndedLogin: CustomStringConvertible, CustomReflectable {
    /// Without the URL, which carries the ID token.
    public var description: String { "ended login(wasSignedIn: \(wasSignedIn))" }

    /// A mirror without the URL.
    public var customMirror: Mirror { Mirror(self, children: ["wasSignedIn": wasSignedIn]) }
}
