/// A clock reduced to what is needed here: time since a fixed moment, and waiting.
///
/// Deadlines and ages are measured with it, so that a jump of the wall clock changes nothing.
package struct MonotonicClock: Sendable {
    /// Time since this value was made.
    package let now: @Sendable () -> Duration
    /// Waits; throws when the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init<Base: Clock<Duration>>(_ base: Base) {
        let start = base.now
        now = { start.duration(to: base.now) }
        sleep = { try await base.sleep(for: $0) }
    }
}
