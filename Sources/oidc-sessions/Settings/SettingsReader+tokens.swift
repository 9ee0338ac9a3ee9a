import Foundation
import Secrets

extension SettingsReader {
    /// The bearer tokens of the admin and the cron endpoints: a list separated by commas, so that they can be rotated.
    ///
    /// - Parameter clientSecrets: every provider's.
    mutating func bearerTokens(
        besides clientSecrets: [Secret<String>]
    ) -> (admin: [Secret<String>], cron: [Secret<String>]) {
        let admin = bearerTokens(.adminToken)
        let cron = bearerTokens(.cronSecret)
        if !Set(admin).isDisjoint(with: cron) {
            report(.cronSecret, "is the same as ADMIN_TOKEN: who may start a cleaning run may not do everything")
        }
        let sealing = Set(secret(.sessionSecret).map { Self.parts($0.reveal()) } ?? [])
        let clients = Set(clientSecrets.map { BearerSecret($0.reveal()) })
        for (name, tokens) in [(SettingName.adminToken, admin), (.cronSecret, cron)] {
            if !sealing.isDisjoint(with: tokens) || !clients.isDisjoint(with: tokens) {
                report(name, "is the same as another secret: it travels with requests, so that one would too")
            }
        }
        return (admin.map(\.secret), cron.map(\.secret))
    }

    private mutating func bearerTokens(_ name: SettingName) -> [BearerSecret] {
        guard let list = secret(name) else { return [] }
        let tokens = Self.parts(list.reveal())
        for (index, token) in tokens.enumerated() {
            let place = tokens.count == 1 ? "it" : "token \(index + 1) of the list"
            guard token.isSendable else {
                report(name, "\(place) has a character that a bearer token can't have; \(Self.advice)")
                return []
            }
            guard token.isStrong else {
                report(name, "\(place) is weak: 32 random characters or more are needed; \(Self.advice)")
                return []
            }
        }
        guard Set(tokens).count == tokens.count else {
            report(name, "has a token twice")
            return []
        }
        return tokens
    }

    private static let advice = "make one with: openssl rand -base64 32"

    private static func parts(_ list: String) -> [BearerSecret] {
        list.split(separator: ",", omittingEmptySubsequences: false).map {
            BearerSecret($0.trimmingCharacters(in: .whitespaces))
        }
    }
}
