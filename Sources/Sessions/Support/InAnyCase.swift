/// Runs a piece of work to its end though the task is cancelled: what the database does is not undone because nobody
/// waits any more, and its count would be lost.
///
/// For pieces that end soon; whether the task is cancelled is asked between them.
func inAnyCase<Value: Sendable>(
    _ body: @escaping @Sendable () async throws(SessionError) -> Value
) async throws(SessionError) -> Value {
    let outcome = await Task { () async -> Result<Value, SessionError> in
        do throws(SessionError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }.value
    return try outcome.get()
}
