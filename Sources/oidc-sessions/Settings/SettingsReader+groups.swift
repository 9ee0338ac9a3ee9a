import Foundation
import LoginFlow
import PostgresPipeline
import Secrets
import SessionServer
import Sessions

extension SettingsReader {
    mutating func database(required: Bool) -> PostgresConfiguration? {
        let poolSize = integer(.databasePoolSize, default: 5, in: 3...64, unit: "connections")
        guard let connectionString = secret(.databaseURL) else {
            // One that can't be read has been reported.
            if required, !isSet(.databaseURL) {
                report(.databaseURL, "is not set; for example postgres://user@host/database")
            }
            return nil
        }
        var configuration = PostgresConfiguration(connectionString: connectionString)
        // Reads are pipelined over one connection; the rest write.
        configuration.readConnections = 1
        configuration.writeConnections = poolSize - 1
        return configuration
    }

    mutating func keyRing(required: Bool) -> KeyRing? {
        guard let list = secret(.sessionSecret) else {
            if required, !isSet(.sessionSecret) {
                report(.sessionSecret, "is not set; make one with: oidc-sessions keys generate")
            }
            return nil
        }
        var secrets: [Secret<[UInt8]>] = []
        for (index, part) in list.reveal().split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let place = index == 0 ? "the first secret" : "secret \(index + 1) of the list"
            guard let bytes = SealingSecret(base64: String(part).trimmingCharacters(in: .whitespaces)) else {
                report(.sessionSecret, "\(place) is not base64; make one with: oidc-sessions keys generate")
                return nil
            }
            guard bytes.isStrong else {
                report(
                    .sessionSecret,
                    "\(place) is weak: 32 random bytes in base64 are needed; make them with: oidc-sessions keys generate"
                )
                return nil
            }
            secrets.append(bytes.bytes)
        }
        do {
            return try KeyRing(secrets: secrets)
        } catch {
            report(.sessionSecret, "\(error)")
            return nil
        }
    }

    mutating func baseURL(required: Bool) -> BaseURL? {
        guard let text = text(.baseURL) else {
            if required { report(.baseURL, "is not set; the public origin, for example https://app.example.com") }
            return nil
        }
        guard let baseURL = BaseURL(text) else {
            report(
                .baseURL,
                "must be an https origin such as https://app.example.com, without path, query or user name "
                    + "(http:// on a loopback host only)"
            )
            return nil
        }
        return baseURL
    }

    /// RFC 6265 section 4.1.1: a token; a prefix of RFC 6265bis is ours to put in front.
    mutating func cookieName(_ name: SettingName) -> String? {
        guard let text = text(name) else { return nil }
        let isToken = text.utf8.allSatisfy { byte in
            (0x21...0x7E).contains(byte) && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
        }
        guard isToken, text.utf8.count <= 64, name == .documentedCookieName || !text.hasPrefix("__") else {
            report(name, "must be a cookie name of at most 64 characters; the prefix __Host- is put before it on https")
            return nil
        }
        return text
    }

    mutating func listener(_ host: SettingName, _ port: SettingName, default fallback: Int) -> Settings.Listener {
        let address = text(host) ?? "127.0.0.1"
        if address.contains(where: \.isWhitespace) || address.contains("/") {
            report(host, "must be a host name or an address, without port")
        }
        return Settings.Listener(host: address, port: integer(port, default: fallback, in: 0...65_535))
    }

    mutating func sessionPolicy() -> SessionPolicy {
        var policy = SessionPolicy()
        policy.idleLifetime = idleLifetime()
        policy.updateAge = .seconds(integer(.updateAge, default: 300, in: 0...86_400, unit: "seconds"))
        policy.refreshExtension = .days(integer(.refreshExtension, default: 7, in: 1...3_650, unit: "days"))
        policy.absoluteLifetime = .days(integer(.absoluteLifetime, default: 30, in: 1...3_650, unit: "days"))
        policy.loginLifetime = .seconds(integer(.loginLifetime, default: 600, in: 30...86_400, unit: "seconds"))
        policy.maximumPendingLogins = integer(.maximumPendingLogins, default: 100_000, in: 100...10_000_000)
        policy.maximumSessionsPerUser = integer(.maximumSessionsPerUser, default: 10, in: 1...10_000)
        policy.cleanupInterval = .seconds(60 * integer(.cleanupInterval, default: 15, in: 1...10_080, unit: "minutes"))
        policy.inactivityTimeout = .days(integer(.inactivityTimeout, default: 30, in: 1...3_650, unit: "days"))
        policy.revokedRetention = .days(integer(.revokedRetention, default: 30, in: 0...3_650, unit: "days"))
        policy.cleanExpiredTokens = boolean(.cleanExpiredTokens, default: true)
        policy.cleanInactiveSessions = boolean(.cleanInactiveSessions, default: true)
        policy.enforceSessionLimits = boolean(.enforceSessionLimits, default: true)
        policy.enableCleanupLogs = boolean(.enableCleanupLogs, default: true)
        policy.automaticCleanup = boolean(.automaticCleanup, default: true)
        policy.cleanupOnStartup = boolean(.cleanupOnStartup, default: true)
        policy.activeSessionsWarning = integer(.activeSessionsWarning, default: 1000, in: 1...1_000_000_000)
        policy.tenantID = tenantID()
        schedules(&policy)
        if policy.updateAge >= policy.idleLifetime {
            let name: SettingName = text(.sessionDurationMinutes) == nil ? .sessionDuration : .sessionDurationMinutes
            report(.updateAge, "must be shorter than \(name.rawValue), or sessions in use would go idle")
        }
        return policy
    }

    /// In hours, as documented, or in minutes.
    private mutating func idleLifetime() -> Duration {
        let hours = integer(.sessionDuration, default: 1, in: 1...8_760, unit: "hours")
        guard text(.sessionDurationMinutes) != nil else { return .seconds(3600 * hours) }
        if text(.sessionDuration) != nil {
            report(.sessionDurationMinutes, "is set beside SESSION_DURATION_HOURS; keep one")
        }
        return .seconds(60 * integer(.sessionDurationMinutes, default: 60, in: 1...525_600, unit: "minutes"))
    }

    mutating func flowOptions() -> LoginFlow.Options {
        var options = LoginFlow.Options()
        options.refreshesTokens = boolean(.refresh, default: true)
        options.refreshMargin = .seconds(integer(.refreshMargin, default: 30, in: 0...3_600, unit: "seconds"))
        return options
    }

    mutating func trustedProxies() -> TrustedProxies {
        guard let text = text(.trustedProxies) else { return .none }
        var blocks: [AddressBlock] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let block = AddressBlock(String(part).trimmingCharacters(in: .whitespaces)) else {
                report(
                    .trustedProxies,
                    "must be a list of addresses and networks such as 10.0.0.7, 192.168.0.0/16, 2001:db8::/32, "
                        + "with no bit set behind the prefix"
                )
                return .none
            }
            blocks.append(block)
        }
        return TrustedProxies(blocks)
    }

    private mutating func tenantID() -> String? {
        guard let text = text(.tenantID) else { return nil }
        guard text.utf8.count <= 255, text == text.onTerminal else {
            report(.tenantID, "must be at most 255 bytes of visible characters")
            return nil
        }
        return text
    }
}
