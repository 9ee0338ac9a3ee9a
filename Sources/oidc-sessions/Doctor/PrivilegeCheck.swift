import PostgresPipeline

/// What the role may do.
enum PrivilegeCheck {
    // System catalogues.
    private static let missingTables = PostgresStatement(
        """
        SELECT name, string_agg(privilege, ', ' ORDER BY privilege)
        FROM (VALUES
            ('sessions', 'SELECT'), ('sessions', 'INSERT'), ('sessions', 'UPDATE'), ('sessions', 'DELETE'),
            ('logout_tokens', 'SELECT'), ('logout_tokens', 'INSERT'), ('logout_tokens', 'DELETE'),
            ('audit_log', 'SELECT'), ('audit_log', 'INSERT'), ('audit_log', 'DELETE'),
            ('schema_migrations', 'SELECT')
        ) AS needed (name, privilege)
        WHERE NOT has_table_privilege(name, privilege)
        GROUP BY name
        ORDER BY name
        """
    )

    // System catalogues.
    private static let missingFunctions = PostgresStatement(
        """
        SELECT oid::regprocedure::text
        FROM pg_proc
        WHERE proname LIKE 'session\\_%' AND pg_function_is_visible(oid) AND NOT has_function_privilege(oid, 'EXECUTE')
        ORDER BY 1
        """
    )

    // System catalogues.
    private static let missesSequence = PostgresStatement(
        "SELECT NOT has_sequence_privilege('session_login_slots', 'USAGE')"
    )

    static func finding(_ client: PostgresClient, facts: DatabaseFacts) async throws -> Finding {
        var grants = try await client.read(missingTables).decode { row in
            "GRANT \(try row.text(1)) ON \(try row.text(0))"
        }
        if try await client.read(missesSequence).first?.bool(0) ?? false {
            grants.append("GRANT USAGE ON SEQUENCE session_login_slots")
        }
        grants += try await client.read(missingFunctions).decode { "GRANT EXECUTE ON FUNCTION \(try $0.text(0))" }
        let role = facts.role
        guard grants.isEmpty else {
            let statements = grants.map { "\($0) TO \(role);" }.joined(separator: " ")
            return .fail("privileges", "the role \(role) lacks some: \(statements)")
        }
        if facts.isSuperuser {
            return .warn("privileges", "the role \(role) is a superuser: give the program a role of its own")
        }
        return .ok("privileges", "the role \(role) may do what is needed")
    }
}
