/// How the client proves itself at the token endpoint (Core section 9).
public enum ClientAuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    /// Client id and secret in the Authorization header.
    case clientSecretBasic = "client_secret_basic"
    /// Client id and secret in the form.
    case clientSecretPost = "client_secret_post"
    /// A public client: the id alone, with PKCE as the proof.
    case none
}
