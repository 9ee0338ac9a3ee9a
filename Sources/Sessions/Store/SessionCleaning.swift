/// The right to clean: a store hands it to one cleaner at a time.
public protocol SessionCleaning: Sendable {
    /// Removes one batch of what `target` names, starting where the last batch ended.
    ///
    /// What is alive, and what others are changing at the moment, is left alone. A dry run counts everything at once.
    func clean(
        _ target: CleanupTarget,
        after: CleanupCursor?,
        limit: Int,
        isDryRun: Bool,
        policy: SessionPolicy
    ) async throws(SessionError) -> CleanupBatch
}
