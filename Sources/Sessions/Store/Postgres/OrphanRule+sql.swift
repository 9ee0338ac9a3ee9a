import PostgresPipeline

extension OrphanRule {
    // On lines of its own: a comment at the end of a configured query ends with its line.
    private var users: String {
        """
        (
        \(query)
        ) AS known (subject)
        """
    }

    /// Whether there is any user; a statement of its own, so that its failure is the rule's.
    var someUser: String {
        "SELECT EXISTS (SELECT 1 FROM \(users) WHERE known.subject IS NOT NULL)"
    }

    /// Whether a row of `sessions` is an orphan: never one when there is no user at all.
    ///
    /// The collation is named because a column with another one can't be compared otherwise. The text columns of
    /// `users` keep their index that way.
    /// - Parameter first: The number of the first of ``values(_:)``.
    func predicate(first: Int) -> String {
        """
        \(isJudged(first: first))
            AND EXISTS (SELECT 1 FROM \(users) WHERE known.subject IS NOT NULL)
            AND NOT \(isKnown)
        """
    }

    /// How many users have sessions that are judged, and how many of them the rule doesn't know.
    func balance(first: Int) -> String {
        """
        SELECT count(*), count(*) FILTER (WHERE NOT is_known)
        FROM (
            SELECT \(isKnown) AS is_known
            FROM (SELECT DISTINCT sub FROM sessions WHERE \(isJudged(first: first))) AS sessions
        ) AS users
        """
    }

    private var isKnown: String {
        """
        EXISTS (
            SELECT 1 FROM \(users)
            WHERE known.subject::text = sessions.sub COLLATE "default"
        )
        """
    }

    private func isJudged(first: Int) -> String {
        let (tenant, issuer, grace, scope) = ("$\(first)", "$\(first + 1)", "$\(first + 2)", "$\(first + 3)")
        return """
            sessions.kind = 'session' AND sessions.revoked_at IS NULL AND sessions.sub IS NOT NULL
                AND (\(tenant) IS NULL OR sessions.tenant_id = \(tenant)) AND (\(scope) IS NULL OR sessions.tenant_id = \(scope))
                AND (\(issuer) IS NULL OR sessions.issuer = \(issuer))
                AND sessions.created_at < now() - \(grace) * interval '1 microsecond'
            """
    }

    /// The types of ``values(_:)``.
    static let types: [PostgresType] = [.text, .text, .int8, .text]

    /// What ``predicate(first:)`` wants: the rule's tenant and issuer, how old a session must be, the policy's tenant.
    func values(_ policy: SessionPolicy) -> [PostgresValue] {
        [.text(tenantID), .text(issuer), .duration(gracePeriod), .text(policy.tenantID)]
    }
}
