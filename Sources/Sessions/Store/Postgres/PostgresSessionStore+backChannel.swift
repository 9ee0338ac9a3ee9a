import PostgresPipeline

extension PostgresSessionStore {
    // Locks, remembers, ends, in a function because each step has to see what was committed before it: see
    // migrations/19_login_functions.sql.
    private static let endByProviderStatement = PostgresStatement(
        """
        SELECT outcome, ended, id, provider, sub, access_token, refresh_token
        FROM session_end_by_provider(
            $1, $2, $3, $4, $5, $6, $7 * interval '1 microsecond', $8 * interval '1 microsecond', $9, $10
        )
        """,
        parameters: [.text, .text, .text, .text, .text, .timestamptz, .int8, .int8, .int4, .jsonb]
    )

    /// See ``SessionStore/endByProvider(_:policy:)``.
    ///
    /// When the answer is lost and the notice sent again, it is a repetition: what it had to change is changed.
    public func endByProvider(
        _ notice: LogoutNotice,
        policy: SessionPolicy
    ) async throws(SessionError) -> BackChannelOutcome {
        guard policy.tenantID == nil || policy.tenantID == notice.tenantID else {
            return .ended(count: 0, sessions: [])
        }
        let result = try await write(
            Self.endByProviderStatement,
            [
                .text(notice.tenantID), .text(notice.issuer), .text(LogoutTokenDigest.of(notice.tokenID)),
                .text(notice.subject), .text(notice.providerSessionID), .timestamp(notice.issuedAt),
                .duration(notice.clockSkew), .duration(notice.effectivelyRemembered),
                .int4(Int32(BackChannelOutcome.maximumSessions)), .details(notice.requester.details),
            ],
            idempotent: true
        )
        do {
            switch try result.first?.text(0) {
            case "ended": return .ended(count: Int(try result.first?.int8(1) ?? 0), sessions: try ended(result, notice))
            case "repeated": return .repeated
            case "mismatched": return .mismatched
            default: throw SessionError(.failed, "a logout by the provider has an unknown outcome")
            }
        } catch let error as PostgresError {
            throw SessionError(error)
        } catch {
            throw (error as? SessionError) ?? SessionError(.failed, "a logout by the provider", underlying: error)
        }
    }

    private func ended(_ result: PostgresResult, _ notice: LogoutNotice) throws(PostgresError) -> [EndedSession] {
        var sessions: [EndedSession] = []
        for index in 0..<result.rowCount {
            let row = result[index]
            guard let rowKey = try row.optionalText(2) else { continue }
            sessions.append(
                EndedSession(
                    handle: SessionHandle(rowKey: rowKey),
                    wasAlive: true,
                    issuer: notice.issuer,
                    provider: try row.optionalText(3),
                    subject: try row.optionalText(4),
                    accessToken: opened(row.bytes(5), .accessToken, of: rowKey),
                    refreshToken: opened(row.bytes(6), .refreshToken, of: rowKey),
                    idToken: nil
                )
            )
        }
        return sessions
    }
}
