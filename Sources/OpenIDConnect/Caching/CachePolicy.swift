/// How long a document of the provider is kept, and how often it may be asked for.
struct CachePolicy: Sendable {
    /// The lifetime when the provider says nothing.
    var lifetime: Duration
    /// What the provider says is kept within these bounds.
    var lifetimeBounds: ClosedRange<Duration>
    /// How long an expired document stays in use while the provider cannot be asked.
    var staleUse: Duration
    /// The pause between attempts while an expired document is in use, and between searches for a missing key.
    var coolDown: Duration = .seconds(30)
    /// The pause between attempts while there is nothing to use.
    var failurePause: Duration = .seconds(1)

    /// Endpoints rarely move, and each login depends on knowing them.
    static let metadata = CachePolicy(
        lifetime: .seconds(3600),
        lifetimeBounds: .seconds(300) ... .seconds(86_400),
        staleUse: .seconds(86_400)
    )

    /// A key that the provider has withdrawn must not verify for long (Core section 10.1.1): an hour, and `staleUse` more
    /// only while the provider does not give out its keys.
    static let keys = CachePolicy(
        lifetime: .seconds(900),
        lifetimeBounds: .seconds(60) ... .seconds(3600),
        staleUse: .seconds(21_600)
    )

    func lifetime(stated: Duration?) -> Duration {
        guard let stated else { return lifetime }
        return min(max(stated, lifetimeBounds.lowerBound), lifetimeBounds.upperBound)
    }
}
