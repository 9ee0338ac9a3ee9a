import Logging
import PostgresPipeline
import Sessions

/// Whether the sealing secrets open what is stored.
enum SealingCheck {
    private static let sampleSize = 200

    static func finding(_ client: PostgresClient, keyRing: KeyRing?) async throws -> Finding {
        guard let keyRing else {
            return .warn("sealing", "SESSION_SECRET is not set here, so nothing can be said about what it opens")
        }
        let silent = Logger(label: "oidc-sessions") { _ in SwiftLogNoOpLogHandler() }
        let store = PostgresSessionStore(client: client, keyRing: keyRing, logger: silent)
        return judge(try await store.sealingSample(limit: sampleSize), keys: keyRing.keyIDs.count)
    }

    static func judge(_ sample: SealingSample, keys: Int) -> Finding {
        let of = "of \(sample.rows) rows"
        if sample.unreadableRows > 0 {
            return .fail(
                "sealing",
                "\(sample.unreadableRows) \(of) are under a secret that is not in SESSION_SECRET, their tokens can't be used"
                    + " and logins not be finished: put the old secret at the end of the list"
            )
        }
        if sample.clearRows > 0 {
            return .warn("sealing", "\(sample.clearRows) \(of) hold clear text: oidc-sessions keys rotate")
        }
        let opening = keys == 1 ? "the secret of SESSION_SECRET opens" : "the \(keys) secrets of SESSION_SECRET open"
        return .ok(
            "sealing",
            sample.rows == 0 ? "nothing is sealed yet" : "\(opening) all \(of)"
        )
    }
}
