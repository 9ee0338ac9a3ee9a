import PostgresPipeline
import Secrets
import SessionServer

extension SettingsReader {
    /// Where `import` reads from, when that isn't `DATABASE_URL`.
    mutating func importDatabase() -> PostgresConfiguration? {
        secret(.importDatabaseURL).map { connectionString in
            var configuration = PostgresConfiguration(connectionString: connectionString)
            configuration.readConnections = 1
            configuration.writeConnections = 1
            return configuration
        }
    }

    /// What the cookie named by `SESSION_DOCUMENTED_COOKIE_NAME` holds.
    mutating func documentedCookieFormat() -> DocumentedCookieFormat {
        let secret = secret(.documentedCookieSecret)
        let isSigned = choice(.documentedCookieFormat, [("plain", false), ("better-auth", true)]) ?? false
        guard isSigned else {
            if secret != nil {
                report(.documentedCookieSecret, "is for SESSION_DOCUMENTED_COOKIE_FORMAT=better-auth only")
            }
            return .plain
        }
        guard let secret else {
            report(.documentedCookieSecret, "is not set; the secret with which the other system signs its cookies")
            return .plain
        }
        // Better Auth itself only warns about less.
        if secret.reveal().utf8.count < 32 {
            report(.documentedCookieSecret, "is weak: who guesses it can sign session ids; 32 characters are needed")
        }
        return .betterAuth(secret: secret)
    }
}
