import Foundation
import PostgresPipeline
import Secrets

/// A row of the source, by what its columns mean.
struct SourceRow: Sendable {
    let key: String
    let id: Secret<String>?
    let end: Date?
    let created: Date?
    let user: String?
    let userAgent: String?
    let ipAddress: String?
    let isRevoked: Bool
    let isOver: Bool
    let accessToken: Secret<String>?
    let accounts: Int
    let account: Account
    /// Whether no other session of the user ends later.
    let isNewest: Bool

    /// The user's only account at the provider.
    struct Account: Sendable {
        let id: String?
        let issuer: String?
        let accessToken: Secret<String>?
        let refreshToken: Secret<String>?
        let idToken: Secret<String>?
        let accessTokenEnd: Date?
    }

    init(_ row: PostgresRow) throws(PostgresError) {
        key = try row.text(0)
        id = try Self.secret(row, 1)
        end = try row.optionalTimestamp(2)?.date
        created = try row.optionalTimestamp(3)?.date
        user = try row.optionalText(4)
        userAgent = try row.optionalText(5)
        ipAddress = try row.optionalText(6)
        isRevoked = try row.bool(7)
        isOver = try row.bool(8)
        accessToken = try Self.secret(row, 9)
        accounts = Int(try row.int8(10))
        account = Account(
            id: try row.optionalText(11),
            issuer: try row.optionalText(12),
            accessToken: try Self.secret(row, 13),
            refreshToken: try Self.secret(row, 14),
            idToken: try Self.secret(row, 15),
            accessTokenEnd: try row.optionalTimestamp(16)?.date
        )
        isNewest = try row.bool(17)
    }

    private static func secret(_ row: PostgresRow, _ column: Int) throws(PostgresError) -> Secret<String>? {
        try row.optionalText(column).map { Secret($0) }
    }
}
