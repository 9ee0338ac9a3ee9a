/// What a test waited for and did not see.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What was waited for, and how long.
    public let description: String
}

/// Waits until something is so: a state, never a time.
///
/// - Parameter within: far more than it takes on a busy machine; it is there so that a test whose subject fails fails
///   too, instead of keeping the whole run from its end.
/// - Throws: ``NeverHappened`` when it was not so in time, `CancellationError`, and what the condition throws.
public func eventually(
    _ what: String,
    within limit: Duration = .seconds(300),
    isolation: isolated (any Actor)? = #isolation,
    _ isSo: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    var looks = 0
    while try await !isSo() {
        guard ContinuousClock.now < deadline else {
            throw NeverHappened(description: "not in \(limit): \(what)")
        }
        looks += 1
        // At first as often as may be: some states pass.
        if looks < 100 {
            try Task.checkCancellation()
            await Task.yield()
        } else {
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
