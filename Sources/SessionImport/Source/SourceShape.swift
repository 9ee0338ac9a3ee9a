/// Where a system keeps what, by its own names in camel case.
struct SourceShape: Sendable {
    /// The names of the table, most usual first.
    var tables: [String]
    /// What the browser presents.
    var id: String
    /// Whether ``id`` is a secret; otherwise the browser presents something else, which names it.
    var isIDSecret = true
    /// What pages go by where it isn't the id itself: used when the table has it.
    var key = "id"
    var end: String
    var user: String
    var created: String?
    var revoked: String?
    var userAgent: String?
    var ipAddress: String?
    /// A token in the row itself.
    var accessToken: String?
    var accounts: AccountShape?

    /// The table of accounts at providers.
    struct AccountShape: Sendable {
        var tables: [String]
        var provider: String
        var accountID: String
        var user = "userId"
        /// Better Auth has it since 1.7.
        var issuer: String?
        var accessToken: String
        var refreshToken: String
        var idToken: String
        /// A time, or seconds since 1970.
        var accessTokenEnd: String
    }

    /// migrations/11_sessions.sql, under another name.
    private static let documented = SourceShape(
        tables: [],
        id: "id",
        end: "expiresAt",
        user: "sub",
        created: "createdAt",
        accessToken: "accessToken"
    )

    /// Better Auth, packages/core/src/db/schema: the cookie carries `token`, not `id`.
    private static let betterAuth = SourceShape(
        tables: ["session", "sessions"],
        id: "token",
        end: "expiresAt",
        user: "userId",
        created: "createdAt",
        userAgent: "userAgent",
        ipAddress: "ipAddress",
        accounts: AccountShape(
            tables: ["account", "accounts"],
            provider: "providerId",
            accountID: "accountId",
            issuer: "issuer",
            accessToken: "accessToken",
            refreshToken: "refreshToken",
            idToken: "idToken",
            accessTokenEnd: "accessTokenExpiresAt"
        )
    )

    /// A Prisma model without `@@map` keeps its name and its fields' names, letter for letter.
    ///
    /// The browser holds a signed token, in which the id can be read; a `cuid` is time, counter and host, and can be
    /// guessed.
    private static let userSession = SourceShape(
        tables: ["UserSession", "user_sessions", "user_session"],
        id: "id",
        isIDSecret: false,
        end: "expiresAt",
        user: "userId",
        created: "createdAt",
        revoked: "revokedAt",
        userAgent: "userAgent",
        ipAddress: "ipAddr"
    )

    /// Auth.js: the Prisma adapter's `Session`, the Postgres adapter's `sessions`, Drizzle's `session`.
    private static let authJS = SourceShape(
        tables: ["Session", "sessions", "session"],
        id: "sessionToken",
        end: "expires",
        user: "userId",
        created: "createdAt",
        accounts: AccountShape(
            tables: ["Account", "accounts", "account"],
            provider: "provider",
            accountID: "providerAccountId",
            accessToken: "access_token",
            refreshToken: "refresh_token",
            idToken: "id_token",
            accessTokenEnd: "expires_at"
        )
    )

    /// The shape of a system.
    static func of(_ system: SourceSystem) -> SourceShape {
        switch system {
        case .betterAuth: betterAuth
        case .userSession: userSession
        case .authJS: authJS
        default: documented
        }
    }
}
