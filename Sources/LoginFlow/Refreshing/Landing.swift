import Sessions

/// How the refresh of a session ended.
enum Landing: Sendable {
    /// New tokens have come.
    case refreshed(Session)
    /// There was no need, perhaps because another replica had done it.
    case fresh(Session)
    /// Nothing was done, or could be; the tokens are as they were.
    case unchanged(Session)
    /// There is no session any more.
    case ended

    var session: Session? {
        switch self {
        case .refreshed(let session), .fresh(let session), .unchanged(let session): session
        case .ended: nil
        }
    }
}
