/// Whom the client's assertions name as their reader (RFC 7523 section 3).
public enum AssertionAudience: String, Sendable, Hashable, CaseIterable {
    /// The issuer: what current profiles demand (FAPI 2.0).
    case issuer
    /// The URL of the token endpoint, which Core section 9 suggested and some providers insist on.
    ///
    /// Assertions then go to no other server than that one: an endpoint elsewhere could use them there.
    case tokenEndpoint = "token_endpoint"
}
