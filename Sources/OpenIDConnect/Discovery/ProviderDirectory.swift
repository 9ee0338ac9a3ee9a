import Synchronization

/// What the clients of one process share of the providers that they use, so that many clients, such as those of many
/// tenants, ask for no more than one would.
///
/// An issuer's metadata and keys are fetched once for all of its clients, with one cool-down against unknown keys. How
/// many requests may be pushed at once is counted by host, as the transport counts its connections.
public final class ProviderDirectory: Sendable {
    /// What is known of one issuer.
    struct Documents: Sendable {
        let metadata: DocumentCache<ProviderMetadata>
        let keys: DocumentCache<JSONWebKeySet>
    }

    private struct Known: Sendable {
        // By bytes: texts of different bytes can be equal, and name different issuers.
        var documents: [[UInt8]: Documents] = [:]
        var pushes: [String: PushesInFlight] = [:]
    }

    let transport: any HTTPTransport
    let clock: any WallClock
    private let known = Mutex(Known())

    /// A directory that knows nothing yet, and asks nobody before the first login.
    public init(transport: any HTTPTransport, clock: any WallClock = SystemWallClock()) {
        self.transport = transport
        self.clock = clock
    }

    func documents(of configuration: ProviderConfiguration) -> Documents {
        known.withLock { known in
            let issuer = Array(configuration.issuer.utf8)
            if let documents = known.documents[issuer] { return documents }
            let documents = Documents(
                metadata: DocumentCache(policy: .metadata, clock: clock),
                keys: DocumentCache(policy: .keys, clock: clock)
            )
            known.documents[issuer] = documents
            return documents
        }
    }

    func pushes(to configuration: ProviderConfiguration) -> PushesInFlight {
        known.withLock { known in
            let host = configuration.issuerOrigin
            if let pushes = known.pushes[host] { return pushes }
            let pushes = PushesInFlight()
            known.pushes[host] = pushes
            return pushes
        }
    }
}
