public import Foundation

/// What a provider says about sessions that are over: a logout token that has been checked.
public struct LogoutNotice: Sendable {
    /// The issuer.
    public var issuer: String
    /// The tenant whose provider it is; empty in a deployment without tenants.
    public var tenantID: String
    /// The user; nil when only a session is named.
    public var subject: String?
    /// The provider's `sid`; nil when all sessions of the user are meant.
    public var providerSessionID: String?
    /// `jti`: the same again is a repetition.
    public var tokenID: String
    /// When it was issued, by the provider's clock: logins of the user whose ID token was issued later aren't meant,
    /// unless they are of the session that is named.
    public var issuedAt: Date
    /// For how long it is remembered, at least a quarter of an hour: until the token isn't accepted any more, and no
    /// login that began before it can still be under way.
    public var remembered: Duration
    /// How far the provider's clock may be from the store's: where the date of an ID token isn't known.
    public var clockSkew: Duration = .seconds(60)
    /// Who sent it, for the audit trail.
    public var requester: Requester?

    /// A logout of a user, of a session, or of both; one of them has to be there.
    public init(
        issuer: String,
        tenantID: String = "",
        subject: String?,
        providerSessionID: String?,
        tokenID: String,
        issuedAt: Date,
        remembered: Duration = .zero
    ) {
        self.issuer = issuer
        self.tenantID = tenantID
        self.subject = subject
        self.providerSessionID = providerSessionID
        self.tokenID = tokenID
        self.issuedAt = issuedAt
        self.remembered = remembered
    }
}

extension LogoutNotice {
    private static let leastRemembered = Duration.seconds(900)
    private static let mostRemembered = Duration.days(2)

    var effectivelyRemembered: Duration { min(max(remembered, Self.leastRemembered), Self.mostRemembered) }

    func validate() throws(SessionError) {
        guard subject != nil || providerSessionID != nil else {
            throw SessionError(.invalidInput, "a logout names neither a user nor a session")
        }
        let texts = [("subject", subject), ("providerSessionID", providerSessionID), ("tokenID", tokenID)]
        for (name, text) in texts {
            guard text?.isEmpty != true else { throw SessionError(.invalidInput, "\(name) is empty") }
            try SessionAttributes.check(text, name: name, maximumBytes: 1020)
        }
        try SessionAttributes.check(issuer, name: "issuer", maximumBytes: 2048)
        try SessionAttributes.check(tenantID, name: "tenantID", maximumBytes: 255)
    }
}

extension LogoutNotice: CustomStringConvertible, CustomReflectable {
    /// The issuer only: the rest is about a person.
    public var description: String { "logout notice of \(issuer)" }

    /// A mirror without what names the person.
    public var customMirror: Mirror { Mirror(self, children: ["issuer": issuer]) }
}
