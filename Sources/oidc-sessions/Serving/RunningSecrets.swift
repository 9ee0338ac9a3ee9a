import Logging
import LoginFlow
import OpenIDConnect
import Secrets
import SessionServer
import Sessions

/// The secrets of a process that serves, where they are in use.
struct RunningSecrets: Sendable {
    let store: PostgresSessionStore
    let adminTokens: BearerTokens?
    let cronSecrets: BearerTokens?
    /// Of each tenant.
    let registries: [ProviderRegistry]
    let directory: ProviderDirectory

    /// What was taken of settings that were read again.
    struct Changes: Sendable {
        /// The settings, as the log names them.
        var names: [String] = []
        /// What is in force now and should be looked at.
        var warnings: [String] = []
    }

    /// Takes the secrets of settings that were read again, all of them or none, and answers what has changed.
    ///
    /// - Throws: ``SettingsError`` for what can't change while the process runs; nothing has changed then.
    func take(
        _ new: Settings,
        insteadOf old: Settings,
        logger: Logger
    ) throws(SettingsError) -> Changes {
        var problems: [String] = []
        let keyRing = keyRing(of: new, &problems)
        check(.adminToken, old.adminTokens, new.adminTokens, &problems)
        check(.cronSecret, old.cronSecrets, new.cronSecrets, &problems)
        let parties = parties(new, insteadOf: old, logger: logger, &problems)
        guard problems.isEmpty else { throw SettingsError(problems) }
        do {
            var changes = Changes()
            if let keyRing {
                if !store.keyRing.keyIDs.contains(keyRing.sealingKeyID) { changes.warnings.append(Self.suddenKey) }
                store.use(keyRing)
                changes.names.append("SESSION_SECRET")
            }
            if try replace(adminTokens, old.adminTokens, new.adminTokens) { changes.names.append("ADMIN_TOKEN") }
            if try replace(cronSecrets, old.cronSecrets, new.cronSecrets) { changes.names.append("CRON_SECRET") }
            for change in parties { change.registry.replace(change.party) }
            for secret in ProviderSecret.allCases {
                let names = Set(parties.filter { $0.secrets.contains(secret) }.map(\.party.configuration.name)).sorted()
                guard !names.isEmpty else { continue }
                changes.names.append("\(secret.setting.rawValue) of \(names.joined(separator: ", "))")
            }
            return changes
        } catch {
            throw SettingsError(["\(error)"])
        }
    }

    private static let suddenKey =
        "SESSION_SECRET: the first secret wasn't in the list before, and seals from now on: a replica that doesn't have it "
        + "can't open what this one seals, until its own SIGHUP. The next time, put a new secret at the end of the list, send "
        + "SIGHUP to every replica, and only then put it first"

    /// The keys to take; nil when they are what they were.
    ///
    /// Every order of steps that loses nothing has the key that seals now in the list still: what this and other
    /// replicas seal with it at this moment must be opened afterwards.
    private func keyRing(of new: Settings, _ problems: inout [String]) -> KeyRing? {
        guard let ring = new.keyRing else { return nil }
        let current = store.keyRing
        guard ring.keyIDs != current.keyIDs else { return nil }
        guard ring.keyIDs.contains(current.sealingKeyID) else {
            problems.append(
                "SESSION_SECRET: doesn't have the secret any more that seals at the moment: put the new one before it, and "
                    + "take it out later, once oidc-sessions keys rotate is through"
            )
            return nil
        }
        return ring
    }

    /// Whether there are routes behind tokens is decided at the start.
    private func check(
        _ name: SettingName,
        _ old: [Secret<String>],
        _ new: [Secret<String>],
        _ problems: inout [String]
    ) {
        guard old.isEmpty != new.isEmpty else { return }
        problems.append("\(name.rawValue): \(new.isEmpty ? "isn't set any more" : "is set now"), which takes a restart")
    }

    private func replace(_ tokens: BearerTokens?, _ old: [Secret<String>], _ new: [Secret<String>]) throws -> Bool {
        guard let tokens, old.map({ $0.reveal() }) != new.map({ $0.reveal() }),
            let replacement = try Backend.bearerTokens(new)
        else { return false }
        tokens.replace(with: replacement)
        return true
    }

    /// A client in the place of another, whose secrets are new.
    private struct ReplacedParty {
        let registry: ProviderRegistry
        let party: RelyingParty
        let secrets: Set<ProviderSecret>
    }

    /// A client for each provider whose secret or key has changed, at each tenant.
    private func parties(
        _ new: Settings,
        insteadOf old: Settings,
        logger: Logger,
        _ problems: inout [String]
    ) -> [ReplacedParty] {
        var parties: [ReplacedParty] = []
        for registry in registries {
            for running in registry.all.map(\.configuration) {
                guard let before = old.providers.first(where: { $0.name == running.name }),
                    let now = new.providers.first(where: { $0.name == running.name })
                else { continue }
                let secrets = Set(ProviderSecret.allCases.filter { $0.differs(between: before, and: now) })
                guard !secrets.isEmpty else { continue }
                do throws(OpenIDConnectError) {
                    let configuration = try running.with(secretsOf: now)
                    let party = RelyingParty(configuration: configuration, directory: directory, logger: logger)
                    parties.append(ReplacedParty(registry: registry, party: party, secrets: secrets))
                } catch {
                    let names = ProviderSecret.allCases.filter(secrets.contains).map(\.setting.rawValue)
                    problems.append("\(names.joined(separator: ", ")): of \(running.name): \(error.message)")
                }
            }
        }
        return parties
    }
}

/// What of a provider can change while the process runs.
private enum ProviderSecret: CaseIterable {
    case clientSecret, clientKey, dpopKey

    var setting: SettingName {
        switch self {
        case .clientSecret: .clientSecret
        case .clientKey: .clientKey
        case .dpopKey: .dpopKey
        }
    }

    /// Whether another read has found another one.
    func differs(between old: ProviderSettings, and new: ProviderSettings) -> Bool {
        switch self {
        case .clientSecret: old.clientSecret?.reveal() != new.clientSecret?.reveal()
        case .clientKey: old.options.clientKey != new.options.clientKey
        case .dpopKey: old.options.dpopKey != new.options.dpopKey
        }
    }
}

extension ProviderConfiguration {
    /// The same with the secret and the keys of settings that were read again; nothing else of them counts.
    fileprivate func with(secretsOf settings: ProviderSettings) throws(OpenIDConnectError) -> ProviderConfiguration {
        var options = options
        options.clientKey = settings.options.clientKey
        options.dpopKey = settings.options.dpopKey
        return try ProviderConfiguration(
            name: name,
            issuer: issuer,
            clientID: clientID,
            clientSecret: settings.clientSecret,
            redirectURI: redirectURI,
            options: options
        )
    }
}
