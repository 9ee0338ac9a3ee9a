/// Whose session it is: a subject is unique only within its issuer (OpenID Connect Core section 2), and issuers are
/// configured per tenant.
public struct UserKey: Sendable, Hashable {
    /// The tenant; empty in a deployment without tenants.
    public var tenantID: String

    /// The issuer identifier; empty for sessions that were there before the table knew issuers.
    public var issuer: String

    /// The `sub` claim.
    public var subject: String

    /// Names a user.
    public init(tenantID: String = "", issuer: String, subject: String) {
        self.tenantID = tenantID
        self.issuer = issuer
        self.subject = subject
    }
}
