import PostgresPipeline

/// Rows are moved by updating them without a change.
///
/// `VACUUM FULL` keeps everybody waiting for as long as it takes to write what lives anew: half a second for 3,600 sessions
/// of 10 MB with their indexes. Deleting a row and inserting it again would end it for whoever waits for its lock, a
/// sign-out say; an update is followed to where it went. The new version goes to the same page while there is room, so a row
/// is updated in one transaction, in which nothing can be tidied up, until its page is full: then it goes to the first page
/// that has room, by the map that the last VACUUM has made. That took 1.7 s for 1,200 rows in 6,600 pages, and kept nobody
/// waiting but those who wanted to change one of twenty rows at the same time.
extension PostgresCleaning {
    /// Few, since they are locked until all of them have gone.
    private static let rowsAtOnce = 20
    private static let pagesAtOnce: Int64 = 512
    /// More versions of the shortest row than a page has room for.
    private static let versions = 100
    /// The whole of it is given up after this long; what is done is done.
    private static let limit = Duration.seconds(60)

    private static let rowsOfPages = PostgresStatement(
        """
        SELECT ctid::text
        FROM sessions
        WHERE \(isOnPages(from: "$1", below: "$2"))
        """,
        parameters: [.int8, .int8]
    )

    // By ctid; answers where those are that haven't gone below the page $2.
    private static func moving(_ assignments: String) -> PostgresStatement {
        PostgresStatement(
            """
            WITH moved AS (
                UPDATE sessions
                SET \(assignments)
                WHERE ctid = ANY ($1::tid[])
                RETURNING ctid
            )
            SELECT ctid::text
            FROM moved
            WHERE ctid >= \(firstPlace(ofPage: "$2"))
            """,
            parameters: [.textArray, .int8]
        )
    }

    // No index has the column, and it is the shortest way to a new version.
    private static let move = moving("last_accessed_at = last_accessed_at")
    // A value that was put together anew is written out of line anew.
    private static let moveOutOfLine = moving(
        SealedColumn.allCases.map { "\($0.rawValue) = \($0.rawValue) || ''" }.joined(separator: ", ")
    )

    /// Moves what lies behind twice the pages that are needed, beginning at the end.
    ///
    /// - Returns: whether anything was moved; false too when there is no room in front.
    func moveForward(_ space: TableSpace) async throws -> Bool {
        let start = ContinuousClock.now
        // Eight rows on a page: half of what fits, so that there is room for all.
        let first = space.rows / 8 + 64
        var (end, hasMoved) = (space.pages, false)
        while end > first {
            let begin = max(first, end - Self.pagesAtOnce)
            // What is changed meanwhile has another place in the second turn.
            for _ in 0..<2 {
                let rows = try await connection.query(Self.rowsOfPages, [.int8(begin), .int8(end)])
                let places = try rows.decode { try $0.text(0) }
                for offset in stride(from: 0, to: places.count, by: Self.rowsAtOnce) {
                    try Task.checkCancellation()
                    guard ContinuousClock.now - start < Self.limit else { return hasMoved }
                    let some = Array(places[offset..<min(offset + Self.rowsAtOnce, places.count)])
                    switch try await move(some, below: begin, outOfLine: space.isSparseOutOfLine) {
                    case .moved: hasMoved = true
                    case .busy: continue
                    case .noRoom: return hasMoved
                    }
                }
                if places.isEmpty { break }
            }
            end = begin
        }
        return hasMoved
    }

    private enum Move {
        case moved
        /// Somebody else has one of the rows: none of them was moved.
        case busy
        case noRoom
    }

    private func move(_ rows: [String], below page: Int64, outOfLine: Bool) async throws -> Move {
        do {
            return try await connection.transaction(options: TransactionOptions(synchronousCommit: false)) {
                var places = rows
                for version in 0..<Self.versions {
                    let statement = version == 0 && outOfLine ? Self.moveOutOfLine : Self.move
                    let rest = try await connection.query(statement, [.textArray(places), .int8(page)])
                    places = try rest.decode { try $0.text(0) }
                    if places.isEmpty { return .moved }
                }
                return .noRoom
            }
        } catch let error as PostgresError where error.isLockTimeout || error.isConflict {
            return .busy
        }
    }
}
