import OpenIDConnect
import Sessions

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What administrators see of a session: an allow-list, without ids, digests, tokens and claims (ASVS 15.3.1).
struct AdminSessionView: Sendable {
    let summary: SessionSummary

    var json: JSONValue {
        let attributes = summary.attributes
        return [
            "handle": .string(summary.handle.rawValue),
            "state": .string(summary.state.rawValue),
            "tenantId": .string(attributes.tenantID),
            "user": Self.text(attributes.subject),
            "issuer": Self.text(attributes.issuer),
            "provider": Self.text(attributes.provider),
            "device": Self.text(attributes.deviceLabel),
            "userAgent": Self.text(attributes.userAgent),
            "ipAddress": Self.text(attributes.ipAddress),
            "roles": .array(attributes.roles.map(JSONValue.string)),
            "createdAt": Self.date(summary.createdAt),
            "lastAccessedAt": Self.date(summary.lastAccessedAt),
            "expiresAt": Self.date(summary.expiresAt),
            "accessTokenExpiresAt": Self.date(summary.accessTokenExpiresAt),
            "hasRefreshToken": .bool(summary.hasRefreshToken),
            "revokedAt": Self.date(summary.revocation?.date),
            "revocationReason": Self.text(summary.revocation?.reason),
        ]
    }

    private static func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    private static func date(_ value: Date?) -> JSONValue { value.map { .string(Timestamp.iso8601($0)) } ?? .null }
}
