/// The right to clean: a store hands it to one cleaner at a time.
public protocol SessionCleaning: Sendable {
    /// Says who cleans, for everybody who asks for ``SessionStore/cleaningRecord(policy:)`` meanwhile.
    func begin(as instance: String) async throws(SessionError)

    /// Removes one batch of what `target` names, starting where the last batch ended.
    ///
    /// What is alive, and what others are changing at the moment, is left alone; a conflict with somebody else is
    /// tried again.
    /// - Throws: ``SessionError/Code/invalidInput`` for a rule about orphans that can't be applied, or would leave
    ///   nobody.
    func clean(
        _ target: CleanupTarget,
        after: CleanupCursor?,
        limit: Int,
        policy: SessionPolicy
    ) async throws(SessionError) -> CleanupBatch

    /// Counts what `target` would remove after `earlier` ones have removed theirs; changes nothing.
    func count(
        _ target: CleanupTarget,
        after earlier: [CleanupTarget],
        policy: SessionPolicy
    ) async throws(SessionError) -> CleanupBatch

    /// Gives back the space of what a run has deleted, when that is a large part of the store; otherwise, and where there
    /// is nothing to give back, nothing happens.
    /// - Parameter mayMove: Whether what lives may change its place for that: not while somebody wants to go on at the page
    ///   of a ``CleanupCursor``.
    func giveBackSpace(afterDeleting rows: Int, mayMove: Bool) async throws(SessionError)
}

extension SessionCleaning {
    /// Nothing: for stores whose space needs no care.
    public func giveBackSpace(afterDeleting rows: Int, mayMove: Bool) async throws(SessionError) {}
}
