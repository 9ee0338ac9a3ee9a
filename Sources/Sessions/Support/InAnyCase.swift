/// Runs a piece of work to its end though the task is cancelled: what the database does is not undone because nobody
/// waits any more, and its count would be lost.
///
/// For pieces that end soon; whether the task is cancelled is asked between them.
/// - Parameter grace: How long after the cancellation a piece may take before it is cancelled itself, and its outcome
///   unknown: a database that has stopped answering must not hold up the end of the process.
func inAnyCase<Value: Sendable>(
    grace: Duration = .seconds(2),
    _ body: @escaping @Sendable () async throws(SessionError) -> Value
) async throws(SessionError) -> Value {
    let task = Task { () async -> Result<Value, SessionError> in
        do throws(SessionError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
    let outcome = await withTaskCancellationHandler {
        await task.value
    } onCancel: {
        Task {
            try? await Task.sleep(for: grace)
            task.cancel()
        }
    }
    return try outcome.get()
}
