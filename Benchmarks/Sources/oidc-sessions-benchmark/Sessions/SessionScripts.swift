/// The store's statements as pgbench scripts: the same work for the server, nothing to seal or open for the client.
enum SessionScripts {
    private static let idle = "interval '3600 seconds'"
    private static let absolute = "interval '30 days'"
    private static let isAlive = """
        kind = 'session' AND revoked_at IS NULL
        AND session_is_alive(expires_at, last_accessed_at, created_at, \(idle), \(absolute))
        """

    /// The digest of an id that is made from a number; the server computes it, in about a microsecond.
    private static func digest(_ name: String, _ number: String) -> String {
        "encode(sha256(convert_to('\(name)-benchmark-' || \(number), 'UTF8')), 'hex')"
    }

    private static func oneLine(_ text: String) -> String {
        text.split(separator: "\n").joined(separator: " ")
    }

    static func get(sessions: Int) -> String {
        """
        \\set n random(0, \(sessions - 1))
        \(oneLine("""
            SELECT tenant_id, issuer, provider, provider_sid, sub, token_expires_at, user_agent, ip_address,
            device_label, profile, roles, created_at, last_accessed_at,
            least(expires_at, last_accessed_at + \(idle), created_at + \(absolute)), clock_timestamp(), revision,
            seal_key_id, nonce, state, code_verifier, access_token, refresh_token, id_token
            FROM sessions WHERE id = \(digest("real", ":n")) AND \(isAlive)
            """));

        """
    }

    static func touch(sessions: Int) -> String {
        """
        \\set n random(0, \(sessions - 1))
        BEGIN;
        SET LOCAL synchronous_commit = off;
        \(oneLine("""
            UPDATE sessions SET last_accessed_at = clock_timestamp()
            WHERE id = \(digest("real", ":n")) AND \(isAlive)
            """));
        COMMIT;

        """
    }

    /// Creation by the function that the store calls; a subject makes it a login.
    static func create(signedIn: Bool) -> String {
        let user = signedIn ? "'https://id.example', NULL, NULL, 'bench-' || :s" : "'', NULL, NULL, NULL"
        let tokens =
            signedIn
            ? "NULL, NULL, NULL, repeat('x', 2112), repeat('x', 732), repeat('x', 1416)"
            : "repeat('x', 136), repeat('x', 136), repeat('x', 136), NULL, NULL, NULL"
        return """
            \\set n random(1, 1000000000000000000)
            \\set s random(1, 1000000000)
            \(oneLine("""
                SELECT created, ends FROM session_create(
                lpad(:n::text, 64, '0'), '', \(user), \(tokens), NULL, NULL, NULL, NULL,
                '{"name": "Ada Lovelace", "email": "ada@example.org"}', '["user"]', 'bench', NULL, NULL, 10, \(idle),
                interval '7 days', \(absolute))
                """));

            """
    }

    /// Deletion with its audit row; each run takes the next row.
    static func delete(_ name: String) -> String {
        """
        \(oneLine("""
            WITH gone AS (
            DELETE FROM sessions
            WHERE id = (SELECT \(digest(name, "nextval('deletions')"))) AND kind = 'session' AND revoked_at IS NULL
            RETURNING id, tenant_id, issuer, sub
            ), logged AS (
            INSERT INTO audit_log (action, details)
            SELECT 'LOGOUT', jsonb_build_object(
            'session', left(id, 32), 'tenantID', tenant_id, 'issuer', issuer, 'subject', sub)
            FROM gone WHERE sub IS NOT NULL
            )
            SELECT count(*) FROM gone
            """));

        """
    }
}
