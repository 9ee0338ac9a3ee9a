import Logging
import PostgresPipeline

extension PostgresSessionStore {
    // A column that isn't mentioned is assigned to itself: Postgres then keeps the value that lies out of line instead of
    // copying it.
    static let assignments = """
        nonce = CASE WHEN $6 THEN $7 ELSE nonce END,
        state = CASE WHEN $8 THEN $9 ELSE state END,
        code_verifier = CASE WHEN $10 THEN $11 ELSE code_verifier END,
        access_token = CASE WHEN $12 THEN $13 ELSE access_token END,
        refresh_token = CASE WHEN $14 THEN $15 ELSE refresh_token END,
        id_token = CASE WHEN $16 THEN $17 ELSE id_token END,
        token_expires_at = CASE WHEN $18 THEN $19 ELSE token_expires_at END,
        provider_sid = CASE WHEN $20 THEN $21 ELSE provider_sid END,
        user_agent = CASE WHEN $22 THEN $23 ELSE user_agent END,
        ip_address = CASE WHEN $24 THEN $25 ELSE ip_address END,
        device_label = CASE WHEN $26 THEN $27 ELSE device_label END,
        profile = (profile || $28) - $29,
        roles = coalesce($30, roles),
        seal_key_id = CASE WHEN seal_key_id = $31 THEN seal_key_id END,
        expires_at = CASE
            WHEN $5 THEN greatest(
                expires_at,
                least(
                    clock_timestamp() + $4 * interval '1 microsecond',
                    created_at + $3 * interval '1 microsecond'
                )
            )
            ELSE expires_at
        END,
        last_accessed_at = greatest(last_accessed_at, clock_timestamp()),
        revision = revision + 1
        """

    static let assignmentTypes: [PostgresType] = [
        .text, .int8, .int8, .int8, .bool, .bool, .text, .bool, .text, .bool, .text, .bool, .text, .bool, .text,
        .bool, .text, .bool, .timestamptz, .bool, .text, .bool, .text, .bool, .text, .bool, .text, .jsonb,
        .textArray, .jsonb, .text, .text,
    ]

    // By primary key.
    private static let updateStatement = PostgresStatement(
        """
        UPDATE sessions
        SET
            \(assignments)
        WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(32))
        RETURNING \(SessionRow.allColumns)
        """,
        parameters: assignmentTypes
    )

    /// See ``SessionStore/update(_:_:policy:)``.
    public func update(
        _ id: SessionID,
        _ update: SessionUpdate,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session? {
        let result = try await write(Self.updateStatement, try assignedValues(id, update, policy: policy))
        guard let session = try opened(result, id: id, detail: .full) else { return nil }
        await sealRest(of: result, id: id)
        return session
    }

    /// The values of ``assignments``, `$1` to `$31`, and the tenant, `$32`.
    func assignedValues(
        _ id: SessionID,
        _ update: SessionUpdate,
        policy: SessionPolicy
    ) throws(SessionError) -> [PostgresValue] {
        let lifetimes: [PostgresValue] = [
            .text(id.rowKey), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
            .duration(policy.refreshExtension), .bool(update.extendsLifetime),
        ]
        var sealer = RowSealer(keyRing: keyRing, rowKey: id.rowKey)
        let changes = try Self.sealedChanges(update, &sealer) + Self.clearChanges(update)
        return lifetimes + changes + [.text(sealer.sealingKeyID), .text(policy.tenantID)]
    }

    private static func sealedChanges(
        _ update: SessionUpdate,
        _ sealer: inout RowSealer
    ) throws(SessionError) -> [PostgresValue] {
        var values: [PostgresValue] = []
        for (change, column) in [
            (update.nonce, SealedColumn.nonce), (update.state, .state), (update.codeVerifier, .codeVerifier),
            (update.accessToken, .accessToken), (update.refreshToken, .refreshToken), (update.idToken, .idToken),
        ] {
            values.append(.bool(!change.isKeep))
            values.append(.text(try sealer.seal(change.newValue, column: column)))
        }
        return values
    }

    private static func clearChanges(_ update: SessionUpdate) -> [PostgresValue] {
        var values: [PostgresValue] = [
            .bool(!update.accessTokenExpiresAt.isKeep), .timestamp(update.accessTokenExpiresAt.newValue),
        ]
        for change in [update.providerSessionID, update.userAgent, update.ipAddress, update.deviceLabel] {
            values.append(.bool(!change.isKeep))
            values.append(.text(change.newValue))
        }
        let (members, removed) = profileChange(update.profile)
        values.append(members)
        values.append(removed)
        values.append(.jsonb(update.roles.map { JSONValue.array($0.map { .string($0) }).serialized() }))
        return values
    }

    /// The members to set, as an object, and the names of those to remove.
    static func profileChange(_ profile: [String: JSONValue?]) -> (members: PostgresValue, removed: PostgresValue) {
        let members = profile.compactMapValues { $0 }
        let removed = profile.filter { $0.value == nil }.map(\.key)
        return (.jsonb(JSONValue.object(members).serialized()), .textArray(removed))
    }

    /// Seals what an update left in clear text or under an older key; if that fails, `keys rotate` does it later.
    func sealRest(of result: PostgresResult, id: SessionID) async {
        do {
            guard let row = result.first, try SessionRow.isDueForSealing(row, keyRing: keyRing) else { return }
            _ = try await reseal(rowKeys: [id.rowKey])
        } catch {
            logger.debug("Sealing is left to the next write", metadata: ["error": "\(error)"])
        }
    }
}
