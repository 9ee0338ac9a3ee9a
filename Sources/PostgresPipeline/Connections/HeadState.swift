/// What has come of the answer that is being received.
struct HeadState {
    var result: PostgresResult?
    var error: PostgresError?
    /// Not executed, because something before it and behind the same sync point failed.
    var isAborted = false
    /// The sync point itself failed, which is answered in two parts.
    var hasFailedSync = false
    /// A read whose preparation failed: the error is its own, not a neighbour's.
    var failedPreparation: (request: Request, error: PostgresError)?
}

/// What has come of the group that is being received: everything of one request up to its sync point.
struct GroupState {
    var results: [PostgresResult] = []
    var error: PostgresError?
    /// It failed only because a prepared statement was not what this side believed; nothing was executed.
    var isRepairable = false
    /// A statement in it was BEGIN under whatever disguise.
    var opensTransaction = false
}
