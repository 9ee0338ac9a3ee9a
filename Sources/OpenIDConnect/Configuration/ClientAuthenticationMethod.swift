/// How the client proves itself at the provider's endpoints (Core section 9).
public enum ClientAuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    /// Client id and secret in the Authorization header.
    case clientSecretBasic = "client_secret_basic"
    /// Client id and secret in the form.
    case clientSecretPost = "client_secret_post"
    /// A JWT with a MAC by the secret, which itself is not sent; needs a secret of 32 bytes or more.
    case clientSecretJWT = "client_secret_jwt"
    /// A JWT signed with ``ProviderConfiguration/Options/clientKey``, whose public half the provider knows.
    case privateKeyJWT = "private_key_jwt"
    /// A public client: the id alone, with PKCE as the proof.
    case none
}
