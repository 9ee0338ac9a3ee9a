public import Secrets

/// The parameters of an authorization response, decoded strictly and not yet judged.
public struct CallbackParameters: Sendable {
    /// How the browser brought them.
    public let responseMode: ResponseMode
    /// Why nothing but ``state`` could be read; ``RelyingParty/validatedCallback(_:expecting:)`` throws it.
    ///
    /// The login that the state names is used up by such a response as by any other.
    public let problem: OpenIDConnectError?
    /// `code`.
    public let code: Secret<String>?
    /// `state`; look the started login up with it, then let ``RelyingParty/validatedCallback(_:expecting:)`` judge.
    public let state: Secret<String>?
    /// `iss` (RFC 9207).
    public let issuer: String?
    /// `error`, as sent: a stranger's text.
    public let error: String?
    /// `error_description`, as sent: a stranger's text.
    public let errorDescription: String?

    /// Whether the response says that the login failed; an error beside a code counts as an error.
    public var isError: Bool { error != nil }
}

extension CallbackParameters: CustomStringConvertible, CustomReflectable {
    /// Which of the parameters are there, without their values.
    public var description: String {
        guard problem == nil else { return "callback(unreadable)" }
        let present = [
            code.map { _ in "code" }, state.map { _ in "state" }, issuer.map { _ in "iss" }, error.map { _ in "error" },
        ]
        return "callback(\(present.compactMap(\.self).joined(separator: ", ")))"
    }

    /// An empty mirror: every value is a stranger's or a secret.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
