import Secrets
import Sessions

let alice = UserKey(tenantID: "acme", issuer: "https://id.example", subject: "alice")

/// A login with marked tokens, so that a search finds them wherever they shouldn't be.
func login(_ user: UserKey = alice) -> AuthenticatedLogin {
    var login = AuthenticatedLogin(user: user)
    login.accessToken = Secret("MARKED-access-token")
    login.refreshToken = Secret("MARKED-refresh-token")
    login.idToken = Secret("MARKED-id-token")
    return login
}

func startedLogin(state: String = "MARKED-state") -> NewPendingLogin {
    NewPendingLogin(
        state: Secret(state),
        nonce: Secret("MARKED-nonce"),
        codeVerifier: Secret("MARKED-verifier"),
        issuer: "https://id.example",
        provider: "example",
        redirectURI: "https://app.example/callback",
        returnTo: "/MARKED-return-to"
    )
}
