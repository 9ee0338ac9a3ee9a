import OpenIDConnect
import Sessions

/// Runs `body` for at most so long, then cancels it.
///
/// - Throws: what `body` throws, or that the provider didn't answer.
func within<Value: Sendable>(
    _ limit: Duration,
    by clock: MonotonicClock,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await clock.sleep(limit)
            throw OpenIDConnectError(.providerUnavailable, "the provider took longer than it has for this")
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
