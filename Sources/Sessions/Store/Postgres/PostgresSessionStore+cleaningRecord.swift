import PostgresPipeline

extension PostgresSessionStore {
    // By idx_audit_log_cleaning, backwards: the newest row of each kind, of the tenant's own cleaner, and of each schedule.
    // A schedule's newest row is at most a week down, and what a weekly run may be late; further down, rows of the other
    // tenants' cleaners would all be looked at by one that has none of its own.
    private static let recordStatement = PostgresStatement(
        """
        WITH told AS (
            (
                SELECT action, created_at, details
                FROM audit_log
                WHERE action = 'SESSION_CLEANUP' AND (details ->> 'tenantID' IS NULL OR details ->> 'tenantID' = $2)
                ORDER BY created_at DESC
                LIMIT 1
            ) UNION ALL (
                SELECT action, created_at, details
                FROM audit_log
                WHERE action = 'SESSION_CLEANUP' AND created_at > now() - interval '9 days'
                    AND details ->> 'tenantID' = $2
                ORDER BY created_at DESC
                LIMIT 1
            ) UNION ALL (
                SELECT action, created_at, details
                FROM audit_log
                WHERE action = 'SESSION_CLEANUP_ERROR'
                    AND (details ->> 'tenantID' IS NULL OR details ->> 'tenantID' = $2)
                ORDER BY created_at DESC
                LIMIT 1
            ) UNION ALL (
                SELECT action, created_at, details
                FROM audit_log
                WHERE action = 'SESSION_STATISTICS'
                    AND details ->> 'tenantID' IS NOT DISTINCT FROM $2
                ORDER BY created_at DESC
                LIMIT 1
            ) UNION ALL (
                SELECT done.action, done.created_at, done.details
                FROM unnest(ARRAY['frequent', 'daily', 'weekly']) AS job
                CROSS JOIN LATERAL (
                    SELECT action, created_at, details
                    FROM audit_log
                    WHERE action = 'SESSION_CLEANUP' AND created_at > now() - interval '9 days'
                        AND details -> 'due' ? job
                        AND (details ->> 'tenantID' IS NULL OR details ->> 'tenantID' = $2)
                    ORDER BY created_at DESC
                    LIMIT 1
                ) AS done
            )
        ), leader AS (
            SELECT min(coalesce(activity.application_name, '')) AS name
            FROM pg_locks AS held
            LEFT JOIN pg_stat_activity AS activity ON activity.pid = held.pid
            WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
                AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND held.classid::BIGINT = $1 >> 32 AND held.objid::BIGINT = $1 & 4294967295
        )
        SELECT leader.name, told.action, told.created_at, told.details, clock_timestamp()
        FROM leader
        LEFT JOIN told ON true
        ORDER BY told.created_at
        """,
        parameters: [.int8, .text]
    )

    /// See ``SessionStore/cleaningRecord(policy:)``.
    public func cleaningRecord(policy: SessionPolicy) async throws(SessionError) -> CleaningRecord {
        let result = try await read(Self.recordStatement, [.int8(Self.cleaningLock), .text(policy.tenantID)])
        var record = CleaningRecord()
        do {
            for index in 0..<result.rowCount {
                let row = result[index]
                record.leader = try row.optionalText(0).map(Self.instance)
                record.readAt = try row.timestamp(4).date
                guard let word = try row.optionalText(1), let action = AuditAction(ofCleaner: word) else { continue }
                let details = JSONReader.read(Array(try row.jsonb(3).utf8), limits: .own)?.objectValue
                record.add(action, details ?? [:], at: try row.timestamp(2).date, policy)
            }
        } catch {
            throw SessionError(error)
        }
        return record
    }

    /// What a connection says of itself, without our own prefix.
    private static func instance(_ applicationName: String) -> String {
        let prefix = PostgresCleaning.applicationName
        return applicationName.hasPrefix(prefix) ? String(applicationName.dropFirst(prefix.count)) : applicationName
    }
}

extension AuditAction {
    fileprivate init?(ofCleaner word: String) {
        let known = [AuditAction.sessionCleanup, .sessionCleanupError, .sessionStatistics]
        guard let action = known.first(where: { $0.rawValue == word }) else { return nil }
        self = action
    }
}
