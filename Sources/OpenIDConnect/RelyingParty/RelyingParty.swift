public import Logging

/// This application as a client of one provider: builds the requests of the code flow and judges the answers.
///
/// It keeps no state of any login. What it keeps is the provider's metadata and keys, each fetched by one request
/// however many logins wait for it.
public final class RelyingParty: Sendable {
    /// The provider and our registration there.
    public let configuration: ProviderConfiguration

    let client: ProviderClient
    let clock: any WallClock
    let prover: DPoPProver?
    let metadataSource: MetadataSource
    let keys: ProviderKeys
    let pushes = PushesInFlight()

    /// Creates a client; nothing is fetched until the first login.
    public init(
        configuration: ProviderConfiguration,
        transport: any HTTPTransport,
        clock: any WallClock = SystemWallClock(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.clock = clock
        prover = configuration.options.dpopKey.map { DPoPProver(key: $0, clock: clock) }
        let client = ProviderClient(configuration: configuration, transport: transport)
        self.client = client
        @Sendable func report(_ error: any Error) {
            logger.warning(
                "provider document not fetched",
                metadata: ["provider": "\(configuration.name)", "error": "\(error)"]
            )
        }
        metadataSource = MetadataSource(
            client: client,
            cache: DocumentCache(policy: .metadata, clock: clock, onFailure: report),
            logger: logger
        )
        keys = ProviderKeys(
            client: client,
            metadata: metadataSource,
            cache: DocumentCache(policy: .keys, clock: clock, onFailure: report)
        )
    }

    /// The provider's metadata, from the cache when it is fresh.
    ///
    /// It is kept for as long as the provider says, within five minutes and one day, and one day more while the
    /// provider cannot be asked.
    ///
    /// - Throws: ``OpenIDConnectError`` with ``OpenIDConnectError/Code/providerUnavailable``,
    ///   ``OpenIDConnectError/Code/metadataInvalid`` or ``OpenIDConnectError/Code/metadataIssuerMismatch``;
    ///   `CancellationError`.
    public func metadata() async throws -> ProviderMetadata {
        try await metadataSource.current().value
    }
}
