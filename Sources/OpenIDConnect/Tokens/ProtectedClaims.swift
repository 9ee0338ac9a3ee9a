/// Claims that speak about the token, not about the user: userinfo never replaces them.
enum ProtectedClaims {
    static let names: Set<String> = [
        "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "azp", "auth_time", "acr", "amr", "at_hash", "c_hash",
        "s_hash", "sid", "events", "cnf", "_claim_names", "_claim_sources",
    ]
}
