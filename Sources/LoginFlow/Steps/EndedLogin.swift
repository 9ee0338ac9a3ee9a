/// A session that is over, here.
public struct EndedLogin: Sendable {
    /// Where to send the browser to sign out of the provider as well; nil when there is no such place or it could not
    /// be learnt.
    ///
    /// Carries the ID token as a hint (RP-Initiated Logout section 2): send it to the browser and nowhere else.
    public let providerLogoutURL: String?
    /// Whether there was a session to end.
    public let wasSignedIn: Bool
}

extension EndedLogin: CustomStringConvertible, CustomReflectable {
    /// Without the URL, which carries the ID token.
    public var description: String { "ended login(wasSignedIn: \(wasSignedIn))" }

    /// A mirror without the URL.
    public var customMirror: Mirror { Mirror(self, children: ["wasSignedIn": wasSignedIn]) }
}
