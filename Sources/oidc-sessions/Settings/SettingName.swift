/// Every setting, by the name that it has in the environment, in the configuration file and in `--set`.
enum SettingName: String, CaseIterable, Sendable {
    case databaseURL = "DATABASE_URL"
    case databasePoolSize = "DATABASE_POOL_SIZE"
    case importDatabaseURL = "IMPORT_DATABASE_URL"

    case baseURL = "BASE_URL"
    case host = "HOST"
    case port = "PORT"
    case adminHost = "ADMIN_HOST"
    case adminPort = "ADMIN_PORT"
    case trustedProxies = "TRUSTED_PROXIES"
    case shutdownGrace = "SHUTDOWN_GRACE_SECONDS"

    case sessionSecret = "SESSION_SECRET"
    case issuer = "OIDC_ISSUER"
    case clientID = "OIDC_CLIENT_ID"
    case clientSecret = "OIDC_CLIENT_SECRET"
    case clientKey = "OIDC_CLIENT_KEY"
    case clientKeyID = "OIDC_CLIENT_KEY_ID"
    case clientKeyAlgorithm = "OIDC_CLIENT_KEY_ALGORITHM"
    case clientAssertionAudience = "OIDC_CLIENT_ASSERTION_AUDIENCE"
    case scopes = "OIDC_SCOPES"
    case tokenAuthMethod = "OIDC_TOKEN_AUTH_METHOD"
    case responseMode = "OIDC_RESPONSE_MODE"
    case userInfo = "OIDC_USERINFO"
    case allowedAlgorithms = "OIDC_ALLOWED_ALGORITHMS"
    case clockSkew = "OIDC_CLOCK_SKEW_SECONDS"
    case pushedAuthorization = "OIDC_PUSHED_AUTHORIZATION"
    case dpopKey = "OIDC_DPOP_KEY"
    case userInfoSigningAlgorithm = "OIDC_USERINFO_SIGNING_ALGORITHM"
    case maximumAge = "OIDC_MAX_AGE_SECONDS"
    case acrValues = "OIDC_ACR_VALUES"
    case prompt = "OIDC_PROMPT"
    case postLogoutRedirectURI = "OIDC_POST_LOGOUT_REDIRECT_URI"
    case revokeTokens = "OIDC_REVOKE_TOKENS"
    case thirdPartyLogin = "OIDC_THIRD_PARTY_LOGIN"
    case loginParameters = "OIDC_LOGIN_PARAMETERS"

    case adminToken = "ADMIN_TOKEN"
    case cronSecret = "CRON_SECRET"

    case tenantID = "SESSION_TENANT_ID"
    case cookieName = "SESSION_COOKIE_NAME"
    case documentedCookieName = "SESSION_DOCUMENTED_COOKIE_NAME"
    case documentedCookieFormat = "SESSION_DOCUMENTED_COOKIE_FORMAT"
    case documentedCookieSecret = "SESSION_DOCUMENTED_COOKIE_SECRET"
    case sessionDuration = "SESSION_DURATION_HOURS"
    case sessionDurationMinutes = "SESSION_DURATION_MINUTES"
    case updateAge = "SESSION_UPDATE_AGE_SECONDS"
    case refreshExtension = "SESSION_REFRESH_EXTENSION_DAYS"
    case refresh = "SESSION_REFRESH"
    case refreshMargin = "SESSION_REFRESH_MARGIN_SECONDS"
    case addressStorage = "SESSION_ADDRESS_STORAGE"
    case absoluteLifetime = "SESSION_ABSOLUTE_DAYS"
    case loginLifetime = "LOGIN_TTL_SECONDS"
    case maximumPendingLogins = "LOGIN_MAXIMUM_PENDING"
    case loginRate = "LOGIN_RATE_PER_ADDRESS"
    case maximumSessionsPerUser = "MAX_SESSIONS_PER_USER"

    case cleanupInterval = "SESSION_CLEANUP_INTERVAL_MINUTES"
    case inactivityTimeout = "SESSION_INACTIVITY_TIMEOUT_DAYS"
    case revokedRetention = "REVOKED_SESSION_RETENTION_DAYS"
    case cleanExpiredTokens = "CLEAN_EXPIRED_TOKENS"
    case cleanInactiveSessions = "CLEAN_INACTIVE_SESSIONS"
    case enforceSessionLimits = "ENFORCE_SESSION_LIMITS"
    case enableCleanupLogs = "ENABLE_SESSION_CLEANUP_LOGS"
    case automaticCleanup = "AUTOMATIC_SESSION_CLEANUP"
    case cleanupOnStartup = "CLEANUP_ON_STARTUP"
    case dailyCleanupAt = "CLEANUP_DAILY_AT"
    case weeklyCleanupAt = "CLEANUP_WEEKLY_AT"
    case orphanUsersTable = "ORPHAN_USERS_TABLE"
    case orphanUsersQuery = "ORPHAN_USERS_QUERY"
    case orphanUsersMaximumPercent = "ORPHAN_USERS_MAX_PERCENT"
    case auditRetention = "AUDIT_LOG_RETENTION_DAYS"
    case activeSessionsWarning = "ACTIVE_SESSIONS_WARNING"

    case logLevel = "LOG_LEVEL"
    case logFormat = "LOG_FORMAT"

    /// Whether the value is a secret: then `NAME_FILE` may name a file that holds it, and `--set` refuses it.
    var isSecret: Bool {
        switch self {
        case .databaseURL, .sessionSecret, .clientSecret, .adminToken, .cronSecret, .importDatabaseURL,
            .documentedCookieSecret, .clientKey, .dpopKey:
            true
        default: false
        }
    }

    /// Older names that are read as this one.
    var aliases: [String] {
        switch self {
        case .sessionSecret: ["BETTER_AUTH_SECRET"]
        default: []
        }
    }

    /// All names under which a value may come, the file variants included.
    var spellings: [String] {
        let names = [rawValue] + aliases
        return isSecret ? names + names.map { $0 + Self.fileSuffix } : names
    }

    /// Ends the name of a variable that holds the path of a file with the secret in it.
    static let fileSuffix = "_FILE"
}
