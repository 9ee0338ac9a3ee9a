public import Sessions

/// An empty store, and a way to let its time pass.
public struct StoreUnderTest: Sendable {
    /// The store.
    public let store: any SessionStore

    let pass: @Sendable (Duration) async throws -> Void

    /// A store to try.
    /// - Parameters:
    ///   - store: An empty store.
    ///   - pass: Makes everything in the store older by a duration: turns a clock, or shifts the stored times.
    public init(store: any SessionStore, pass: @escaping @Sendable (Duration) async throws -> Void) {
        self.store = store
        self.pass = pass
    }

    /// Lifetimes far apart from each other, so that each is met alone.
    var policy: SessionPolicy {
        var policy = SessionPolicy()
        policy.maximumSessionsPerUser = 3
        return policy
    }
}
