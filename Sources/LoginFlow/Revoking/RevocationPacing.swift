/// How much is done at providers about sessions that are over.
package struct RevocationPacing: Sendable {
    /// Whoever signs out waits so long to learn where the provider's logout is, and goes without it then.
    package var logoutLimit: Duration = .seconds(2)
    /// Each token has so long, the question included whether it may be taken back.
    package var limit: Duration = .seconds(5)
    /// Tokens that are taken back at once at one host: a slow provider must leave room among the transport's connections
    /// for logins.
    package var maximumAtOnce = 8
    /// Tokens that wait for that, at one host; further ones are left to expire.
    package var maximumWaiting = 1000

    package init() {}
}
