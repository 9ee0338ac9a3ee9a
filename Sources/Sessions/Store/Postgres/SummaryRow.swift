import PostgresPipeline

/// The columns of a session in lists, and what they say.
enum SummaryRow {
    /// Needs the idle lifetime as `$2`, the absolute lifetime as `$3`, the inactivity timeout as `$4`, in microseconds.
    static let columns =
        identity
            + """
            , id, revoked_at, revoked_reason, refresh_token IS NOT NULL, seal_key_id,
            CASE
                WHEN revoked_at IS NOT NULL THEN 'revoked'
                WHEN \(SessionRow.isAliveByTime) THEN 'active'
                WHEN \(isInactive) THEN 'inactive'
                ELSE 'expired'
            END
            """

    /// No index has the last use; nothing is used before it is created.
    static let isInactive = """
        last_accessed_at < now() - $4 * interval '1 microsecond' AND created_at < now() - $4 * interval '1 microsecond'
        """

    private static let identity = SessionRow.identityColumns
    /// How many columns ``identity`` has.
    private static let offset = 16

    /// The row's place in the order of lists.
    static func cursor(_ row: PostgresRow) throws(SessionError) -> SessionPage.Cursor {
        do {
            return SessionPage.Cursor(
                createdAt: try row.timestamp(11).microseconds,
                handle: SessionHandle(rowKey: try row.text(offset))
            )
        } catch {
            throw SessionError(error)
        }
    }

    private static func summary(_ row: PostgresRow) throws -> SessionSummary {
        let revocation: Revocation? =
            if let date = try row.optionalTimestamp(offset + 1)?.date {
                Revocation(date: date, reason: try row.optionalText(offset + 2) ?? "")
            } else {
                nil
            }
        guard let state = SessionState(rawValue: try row.text(offset + 5)) else {
            throw SessionError(.corrupted, "a session is in a state that doesn't exist")
        }
        return SessionSummary(
            handle: SessionHandle(rowKey: try row.text(offset)),
            attributes: try SessionRow.attributes(row),
            createdAt: try row.timestamp(11).date,
            lastAccessedAt: try row.timestamp(12).date,
            expiresAt: try row.timestamp(13).date,
            state: state,
            revocation: revocation,
            hasRefreshToken: try row.bool(offset + 3),
            sealKeyID: try row.optionalText(offset + 4)
        )
    }

    /// The summaries in rows of ``columns``.
    static func summaries(_ result: PostgresResult) throws(SessionError) -> [SessionSummary] {
        do {
            return try result.decode { try summary($0) }
        } catch let error as PostgresError {
            throw SessionError(error)
        } catch {
            throw (error as? SessionError) ?? SessionError(.corrupted, "a row can't be read", underlying: error)
        }
    }
}
