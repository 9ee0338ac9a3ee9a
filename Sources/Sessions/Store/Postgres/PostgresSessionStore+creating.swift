import Foundation
import PostgresPipeline

extension PostgresSessionStore {
    // Locks the user, ends what is replaced, evicts what is too much, inserts: see migrations/19_login_functions.sql.
    private static let createStatement = PostgresStatement(
        """
        SELECT created, ends
        FROM session_create(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23 * interval '1 microsecond', $24 * interval '1 microsecond', $25 * interval '1 microsecond',
            $26, $27
        )
        """,
        parameters: [
            .text, .text, .text, .text, .text, .text, .text, .text, .text, .text, .text, .text, .timestamptz, .text,
            .text, .text, .jsonb, .jsonb, .text, .text, .int8, .int4, .int8, .int8, .int8,
            .text, .timestamptz,
        ]
    )

    /// See ``SessionStore/create(_:replacing:policy:)``.
    public func create(
        _ session: NewSession,
        replacing: ReplacedSession?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session? {
        let result = try await write(
            Self.createStatement,
            try values(of: session) + [
                .text(replacing?.id.rowKey), .int8(replacing?.requiredRevision),
                .int4(Int32(clamping: policy.maximumSessionsPerUser)), .duration(policy.idleLifetime),
                .duration(policy.refreshExtension), .duration(policy.absoluteLifetime), .text(policy.tenantID),
                .timestamp(session.idTokenIssuedAt),
            ]
        )
        guard let row = result.first else { return nil }
        do {
            let createdAt = try row.timestamp(0).date
            return Session(
                id: session.id,
                attributes: session.attributes,
                detail: .full,
                createdAt: createdAt,
                lastAccessedAt: createdAt,
                expiresAt: min(try row.timestamp(1).date, createdAt + policy.idleLifetime.inSeconds),
                readAt: createdAt,
                revision: 0
            )
        } catch {
            throw SessionError(error)
        }
    }

    private func values(of session: NewSession) throws(SessionError) -> [PostgresValue] {
        let attributes = session.attributes
        var sealer = RowSealer(keyRing: keyRing, rowKey: session.id.rowKey)
        return [
            .text(session.id.rowKey), .text(attributes.tenantID), .text(attributes.issuer ?? ""),
            .text(attributes.provider), .text(attributes.providerSessionID), .text(attributes.subject),
            .text(try sealer.seal(attributes.nonce, column: .nonce)),
            .text(try sealer.seal(attributes.state, column: .state)),
            .text(try sealer.seal(attributes.codeVerifier, column: .codeVerifier)),
            .text(try sealer.seal(attributes.accessToken, column: .accessToken)),
            .text(try sealer.seal(attributes.refreshToken, column: .refreshToken)),
            .text(try sealer.seal(attributes.idToken, column: .idToken)),
            .timestamp(attributes.accessTokenExpiresAt), .text(attributes.userAgent), .text(attributes.ipAddress),
            .text(attributes.deviceLabel), .jsonb(JSONValue.object(attributes.profile).serialized()),
            .jsonb(JSONValue.array(attributes.roles.map { .string($0) }).serialized()), .text(sealer.sealingKeyID),
        ]
    }
}
