package import Foundation
import PostgresPipeline

/// How many sessions one user has.
package struct UserSessionCount: Sendable, Hashable {
    package let tenantID: String
    package let issuer: String
    /// Nil for the sessions of nobody.
    package let subject: String?
    /// Rows of any state.
    package let total: Int
    package let active: Int
    package let revoked: Int
    package let lastAccessedAt: Date
}

extension PostgresSessionStore {
    // Reads the whole table, as the statistics do.
    private static let userCounts = PostgresStatement(
        """
        SELECT
            tenant_id, issuer, sub, count(*),
            count(*) FILTER (WHERE revoked_at IS NULL AND \(SessionRow.isAliveByTime)),
            count(*) FILTER (WHERE revoked_at IS NOT NULL), max(last_accessed_at)
        FROM sessions
        WHERE kind = 'session' AND \(SessionRow.isInScope(1))
        GROUP BY tenant_id, issuer, sub
        ORDER BY count(*) DESC, tenant_id, issuer, sub
        LIMIT $4
        """,
        parameters: [.text, .int8, .int8, .int8]
    )

    /// The users with the most sessions, the most first.
    ///
    /// - Parameters:
    ///   - tenantID: of this tenant only; nil for all that the policy's scope has.
    ///   - limit: how many users at most.
    package func userSessionCounts(
        tenantID: String?,
        limit: Int,
        policy: SessionPolicy
    ) async throws(SessionError) -> [UserSessionCount] {
        if let scope = policy.tenantID, let tenantID, tenantID != scope { return [] }
        let result = try await longRead(
            Self.userCounts,
            [
                .text(policy.tenantID ?? tenantID), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .int8(Int64(limit)),
            ]
        )
        do {
            return try result.decode { row in
                UserSessionCount(
                    tenantID: try row.text(0),
                    issuer: try row.text(1),
                    subject: try row.optionalText(2),
                    total: Int(try row.int8(3)),
                    active: Int(try row.int8(4)),
                    revoked: Int(try row.int8(5)),
                    lastAccessedAt: try row.timestamp(6).date
                )
            }
        } catch {
            throw SessionError(dedicated: error)
        }
    }
}
