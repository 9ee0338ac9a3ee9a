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
    let transport: any HTTPTransport

    /// Takes the secrets of settings that were read again, all of them or none, and answers what has changed.
    ///
    /// - Throws: ``SettingsError`` for what can't change while the process runs; nothing has changed then.
    func take(
        _ new: Settings,
        insteadOf old: Settings,
        logger: Logger
    ) throws(SettingsError) -> [String] {
        var problems: [String] = []
        let keyRing = keyRing(of: new, &problems)
        check(.adminToken, old.adminTokens, new.adminTokens, &problems)
        check(.cronSecret, old.cronSecrets, new.cronSecrets, &problems)
        let parties = parties(new, insteadOf: old, logger: logger, &problems)
        guard problems.isEmpty else { throw SettingsError(problems) }
        do {
            var changes: [String] = []
            if let keyRing {
                store.use(keyRing)
                changes.append("SESSION_SECRET")
            }
            if try replace(adminTokens, old.adminTokens, new.adminTokens) { changes.append("ADMIN_TOKEN") }
            if try replace(cronSecrets, old.cronSecrets, new.cronSecrets) { changes.append("CRON_SECRET") }
            for (registry, party) in parties { registry.replace(party) }
            if !parties.isEmpty {
                let names = Set(parties.map(\.party.configuration.name)).sorted()
                changes.append("OIDC_CLIENT_SECRET of \(names.joined(separator: ", "))")
            }
            return changes
        } catch {
            throw SettingsError(["\(error)"])
        }
    }

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

    /// A client for each provider whose secret or key has changed, at each tenant.
    private func parties(
        _ new: Settings,
        insteadOf old: Settings,
        logger: Logger,
        _ problems: inout [String]
    ) -> [(registry: ProviderRegistry, party: RelyingParty)] {
        var parties: [(ProviderRegistry, RelyingParty)] = []
        for registry in registries {
            for running in registry.all.map(\.configuration) {
                guard let before = old.providers.first(where: { $0.name == running.name }),
                    let now = new.providers.first(where: { $0.name == running.name }), before.hasOtherSecrets(than: now)
                else { continue }
                do throws(OpenIDConnectError) {
                    let configuration = try running.with(secretsOf: now)
                    parties.append(
                        (registry, RelyingParty(configuration: configuration, transport: transport, logger: logger))
                    )
                } catch {
                    problems.append("OIDC_CLIENT_SECRET: of \(running.name): \(error.message)")
                }
            }
        }
        return parties
    }
}

extension ProviderSettings {
    /// Whether another read has found another client secret.
    fileprivate func hasOtherSecrets(than other: ProviderSettings) -> Bool {
        clientSecret?.reveal() != other.clientSecret?.reveal()
    }
}

extension ProviderConfiguration {
    /// The same with the client secret of settings that were read again; nothing else of them counts.
    fileprivate func with(secretsOf settings: ProviderSettings) throws(OpenIDConnectError) -> ProviderConfiguration {
        try ProviderConfiguration(
            name: name,
            issuer: issuer,
            clientID: clientID,
            clientSecret: settings.clientSecret,
            redirectURI: redirectURI,
            options: options
        )
    }
}
