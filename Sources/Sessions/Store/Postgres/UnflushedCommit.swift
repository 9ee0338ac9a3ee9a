/// The commit of a statement that doesn't wait until it is on the disk.
///
/// For what the last half second of may be lost when the server crashes: a restart of the process loses nothing. The log is
/// written in order, so that whatever commits later and does wait takes it along.
enum UnflushedCommit {
    /// What a statement has in FROM or RETURNING to be committed so.
    ///
    /// It holds until the end of the transaction, its commit included, and the statement is one by itself: BEGIN, SET LOCAL
    /// and COMMIT around it would be three more statements, behind which nothing else could be sent on their connection.
    static let setting = "set_config('synchronous_commit', 'off', true)"
}
