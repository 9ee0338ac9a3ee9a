/// How long things take and wait in a refresh.
package struct RefreshPacing: Sendable {
    /// How long a lease holds; it is renewed three times as often.
    ///
    /// What is left of it at any moment, two thirds, is longer than ``writeLimit``: while the database is away nobody
    /// else takes a lease over whose holder still has the new tokens to store.
    package var leaseDuration: Duration = .seconds(60)
    /// The first pause between two looks at what another replica is doing; each is half as long again as the last.
    package var firstPoll: Duration = .milliseconds(20)
    /// No pause between two looks is longer.
    package var longestPoll: Duration = .milliseconds(500)
    /// A request waits so long for the new tokens, whoever gets them.
    package var waitLimit: Duration = .seconds(10)
    /// The pause after the first failure; each failure in a row doubles it.
    package var firstBackoff: Duration = .seconds(2)
    /// No pause that we choose ourselves is longer; the provider may ask for more.
    package var longestBackoff: Duration = .seconds(300)
    /// A result is offered to a store that is out of reach for so long.
    package var writeLimit: Duration = .seconds(30)
    /// At shutdown, refreshes that are under way have so long: a little more than a provider may take to answer.
    package var shutdownLimit: Duration = .seconds(12)
    /// After a look that changed nothing, a session that is only read starts no further refresh for so long.
    package var quiet: Duration = .seconds(10)
    /// More refreshes than this don't run at once at one host for sessions that are only read: a slow provider must leave
    /// room among the transport's connections for logins.
    package var maximumInBackground = 8
    /// Spreads the replicas' attempts.
    package var jitter: @Sendable () -> Double = { .random(in: 1...1.25) }

    package init() {}

    func backoff(failures: Int) -> Duration {
        // 2^8 times the first is beyond the longest by far.
        min(firstBackoff * (1 << min(max(failures, 0), 8)), longestBackoff) * jitter()
    }
}
