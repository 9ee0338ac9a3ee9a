import Foundation
import Secrets
import Sessions

/// How a row of a source becomes a session here, or why it doesn't.
struct SessionMapping: Sendable {
    enum Outcome: Sendable {
        case session(AdoptedSession, withoutTokens: Bool)
        case expired
        case revoked
        case anonymous
        case problem(ImportProblem)
    }

    let plan: ImportPlan
    /// Whether a cookie may present the ids.
    let areIDsSecret: Bool

    init(plan: ImportPlan, shape: SourceShape) {
        self.plan = plan
        areIDsSecret = shape.isIDSecret || plan.hasRandomIDs
    }

    func outcome(_ row: SourceRow) -> Outcome {
        if row.isRevoked { return .revoked }
        if row.isOver { return .expired }
        guard let user = row.user, !user.isEmpty else { return .anonymous }
        guard let end = row.end else { return .problem(.noEnd) }
        guard let id = row.id.flatMap({ id(of: $0.reveal()) }) else { return .problem(.unusableID) }
        var attributes = SessionAttributes(tenantID: plan.tenantID)
        attributes.issuer = plan.issuer
        attributes.subject = user
        attributes.accessToken = row.accessToken
        attributes.userAgent = row.userAgent
        attributes.deviceLabel = row.userAgent.flatMap(DeviceLabel.of(userAgent:))
        // A list of proxies is no address, and no reason to lose the session.
        attributes.ipAddress = row.ipAddress.flatMap(plan.storedAddress).flatMap { $0.utf8.count <= 64 ? $0 : nil }
        var withoutTokens = false
        if plan.provider != nil {
            if let problem = problem(of: row) { return .problem(problem) }
            attributes.subject = row.account.id
            withoutTokens = !take(row.account, isNewest: row.isNewest, into: &attributes)
        }
        do {
            attributes = try attributes.validatedForAdoption()
        } catch {
            return .problem(.unusableValue)
        }
        let session = AdoptedSession(id: id, attributes: attributes, createdAt: row.created, expiresAt: end)
        return .session(session, withoutTokens: withoutTokens)
    }

    private func id(of text: String) -> SessionID? {
        areIDsSecret ? SessionID(documented: text) : SessionID(unsecret: text)
    }

    private func problem(of row: SourceRow) -> ImportProblem? {
        guard row.accounts > 0, row.account.id?.isEmpty == false else { return .noAccount }
        guard row.accounts == 1 else { return .severalAccounts }
        // Better Auth writes `local:…` for providers that have no issuer.
        if let issuer = row.account.issuer, !issuer.isEmpty, !issuer.hasPrefix("local:"), issuer != plan.issuer {
            return .otherIssuer
        }
        return nil
    }

    /// Takes the account's tokens; false when they are encrypted.
    ///
    /// They are the user's, not the session's. The refresh token goes to one session only: providers that rotate
    /// refresh tokens end all of them when one comes a second time (RFC 9700 section 4.14.2).
    private func take(_ account: SourceRow.Account, isNewest: Bool, into attributes: inout SessionAttributes) -> Bool {
        let tokens = [account.accessToken, account.refreshToken, account.idToken]
        guard !tokens.contains(where: Self.isEncrypted) else { return false }
        attributes.accessToken = Self.present(account.accessToken)
        attributes.refreshToken = isNewest ? Self.present(account.refreshToken) : nil
        attributes.idToken = Self.present(account.idToken)
        attributes.accessTokenExpiresAt = attributes.accessToken == nil ? nil : account.accessTokenEnd
        return true
    }

    private static func present(_ token: Secret<String>?) -> Secret<String>? {
        token.flatMap { $0.reveal().isEmpty ? nil : $0 }
    }

    /// Whether it is what Better Auth's `encryptOAuthTokens` leaves.
    ///
    /// A marked envelope, or hexadecimal digits and nothing else (its packages/better-auth/src/oauth2/utils.ts), but many
    /// of them: a provider's short token may be hexadecimal too.
    private static func isEncrypted(_ token: Secret<String>?) -> Bool {
        guard let text = token?.reveal(), !text.isEmpty else { return false }
        let isHexadecimal = text.utf8.count % 2 == 0 && text.utf8.count >= 64 && text.allSatisfy(\.isHexDigit)
        return isHexadecimal || text.hasPrefix("$ba$")
    }
}
