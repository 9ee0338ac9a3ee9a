import Logging
import Metrics
import ServiceLifecycle
import Sessions
import UnixSignals

/// Reads the secrets again at each SIGHUP, so that they can be changed without a restart.
///
/// Everything is read and judged as at a start. What doesn't pass leaves all of the old in force, and says so, as it says
/// which other settings have changed and wait for a restart.
struct SecretsReload: Service, CustomStringConvertible {
    let load: @Sendable () throws(SettingsError) -> Settings
    /// As they were at the start.
    let settings: Settings
    let secrets: RunningSecrets
    let logger: Logger

    /// What the log says of it: without this, all that it holds.
    let description = "SecretsReload"

    /// Waits for signals until graceful shutdown or cancellation.
    func run() async throws {
        var current = settings
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            reload(&current)
        }
    }

    private func reload(_ current: inout Settings) {
        do throws(SettingsError) {
            let new = try load()
            let changes = try secrets.take(new, insteadOf: current, logger: logger)
            current = new
            Self.count("taken")
            let keys = secrets.store.keyRing.keyIDs.joined(separator: " ")
            let changed = changes.names.isEmpty ? "nothing" : changes.names.joined(separator: "; ")
            logger.notice("Secrets read again", metadata: ["changed": "\(changed)", "keys": "\(keys)"])
            for warning in changes.warnings { logger.warning("\(warning)") }
            let waiting = new.texts.places(thatDifferFrom: settings.texts)
            if !waiting.isEmpty {
                logger.warning(
                    "Settings have changed that take a restart: those of the start stay in force",
                    metadata: ["settings": "\(waiting.joined(separator: "; "))"]
                )
            }
        } catch {
            Self.count("refused")
            for problem in error.problems {
                logger.error(
                    "Secrets were read again and refused: those of before stay in force",
                    metadata: ["problem": "\(problem)"]
                )
            }
        }
    }

    private static func count(_ outcome: String) {
        Counter(label: "oidc_secrets_reloads_total", dimensions: [("outcome", outcome)]).increment()
    }
}
