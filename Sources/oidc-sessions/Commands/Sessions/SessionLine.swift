import Foundation
import Sessions

/// A session as `--json` prints it, under the names that administrators' lists over HTTP have; what is null is left out.
struct SessionLine: Encodable {
    let handle: String
    let state: String
    let tenantID: String
    let issuer: String?
    let provider: String?
    let subject: String?
    let createdAt: Date
    let lastAccessedAt: Date
    let expiresAt: Date
    let revokedAt: Date?
    let revokedReason: String?
    let device: String?
    let userAgent: String?
    let ipAddress: String?
    let roles: [String]
    let accessTokenExpiresAt: Date?
    let hasRefreshToken: Bool
    let sealKeyID: String?

    private enum CodingKeys: String, CodingKey {
        case handle, state, issuer, provider, createdAt, lastAccessedAt, expiresAt, revokedAt, device, userAgent
        case ipAddress, roles, accessTokenExpiresAt, hasRefreshToken
        case tenantID = "tenantId"
        case subject = "user"
        case revokedReason = "revocationReason"
        case sealKeyID = "sealKeyId"
    }

    init(_ summary: SessionSummary) {
        let attributes = summary.attributes
        handle = summary.handle.rawValue
        state = summary.state.rawValue
        tenantID = attributes.tenantID
        issuer = attributes.issuer
        provider = attributes.provider
        subject = attributes.subject
        createdAt = summary.createdAt
        lastAccessedAt = summary.lastAccessedAt
        expiresAt = summary.expiresAt
        revokedAt = summary.revocation?.date
        revokedReason = summary.revocation?.reason
        device = attributes.deviceLabel
        userAgent = attributes.userAgent
        ipAddress = attributes.ipAddress
        roles = attributes.roles
        accessTokenExpiresAt = summary.accessTokenExpiresAt
        hasRefreshToken = summary.hasRefreshToken
        // A revoked row has no tokens any more; what sealed them is of no use.
        sealKeyID = summary.revocation == nil ? summary.sealKeyID : nil
    }
}

/// Sessions as people read them.
struct SessionTable {
    private var table = TextTable(
        "HANDLE",
        "STATE",
        "USER",
        "CREATED",
        "LAST USED",
        "DEVICE",
        "ADDRESS",
        uncut: [0, 1]
    )
    private let now: Date

    init(now: Date = Date()) {
        self.now = now
    }

    mutating func add(_ summary: SessionSummary) {
        let attributes = summary.attributes
        table.add(
            summary.handle.rawValue,
            summary.state.rawValue,
            attributes.subject ?? "-",
            RelativeTime.text(from: summary.createdAt, to: now),
            RelativeTime.text(from: summary.lastAccessedAt, to: now),
            attributes.deviceLabel ?? attributes.userAgent ?? "-",
            attributes.ipAddress ?? "-"
        )
    }

    /// The rows since the last call; the header and the widths are those of the first.
    mutating func next() -> String { table.next() }
}
