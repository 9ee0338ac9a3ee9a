/// One answer that the server owes, in the order in which they were asked for.
struct Expected {
    enum Role {
        /// A statement being prepared under a name.
        case preparation(PostgresStatement)
        /// A read, answered when its result is complete: its neighbours are behind the same sync point.
        case read
        /// A statement of a group that is answered as a whole, at its sync point: only then it is committed.
        case step
        /// A sync point; with a request, the end of its group. The one that others were barred for lets them in again.
        case sync(liftsBar: Bool)
        /// A statement that is deallocated before it is prepared anew.
        case forgetting(PostgresStatement)
        /// A statement that cleans a connection up.
        case cleanup
        /// A script by the simple protocol.
        case script
    }

    let role: Role
    let request: Request?
    /// The generation of prepared statements that it was sent with.
    let generation: Int
}
