/// How much is done at providers about sessions that are over.
package struct RevocationPacing: Sendable {
    /// Whoever signs out waits so long to learn where the provider's logout is, and goes without it then.
    package var logoutLimit: Duration = .seconds(2)
    /// The tokens of one grant have so long at their provider.
    package var limit: Duration = .seconds(5)
    /// Grants whose tokens are taken back at once: a slow provider must leave room among the transport's connections
    /// for logins.
    package var maximumAtOnce = 8
    /// Grants that wait for that; the tokens of further ones are left to expire.
    package var maximumWaiting = 1000

    package init() {}
}
