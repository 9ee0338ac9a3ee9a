public import Foundation

/// Why somebody wants to refresh the tokens of a session, and for how long they need to be alone with it.
public struct RefreshLeaseRequest: Sendable, Hashable {
    /// When a refresh is needed; judged by the store's clock.
    public enum Need: Sendable, Hashable {
        /// The access token is missing or ends within so long.
        ///
        /// Within half of its lifetime at most: a token that lives shorter than the margin would need the next refresh
        /// the moment it came. A token whose end the provider didn't tell is never too old, and one that came within
        /// ``RefreshLeaseRequest/leastPause`` isn't either, though it has ended: the next would be no better.
        case expiring(within: Duration)
        /// The tokens are older than a reading of the store's clock, such as ``Session/readAt``.
        case notRefreshedSince(Date)
    }

    /// So long after a refresh no access token ends too soon for the next one.
    ///
    /// A provider whose tokens end the moment they come, or a clock that is behind the store's by more than their
    /// lifetime, would cost an exchange with every request otherwise.
    public static let leastPause = Duration.seconds(5)

    /// When a refresh is needed.
    public var need: Need
    /// How long the lease holds unless it is renewed.
    public var duration: Duration

    /// A request; the lease is for 15 seconds unless something else is said.
    public init(_ need: Need, duration: Duration = .seconds(15)) {
        self.need = need
        self.duration = duration
    }
}
