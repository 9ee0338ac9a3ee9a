public import Logging

/// This application as a client of one provider: builds the requests of the code flow and judges the answers.
///
/// It keeps no state of any login. What it keeps is the provider's metadata and keys, each fetched by one request
/// however many logins wait for it, and shared with the other clients of a ``ProviderDirectory``.
public final class RelyingParty: Sendable {
    /// The provider and our registration there.
    public let configuration: ProviderConfiguration

    let client: ProviderClient
    let clock: any WallClock
    let prover: DPoPProver?
    let metadataSource: MetadataSource
    let keys: ProviderKeys
    let pushes: PushesInFlight

    /// Creates a client that shares nothing with others; nothing is fetched until the first login.
    public convenience init(
        configuration: ProviderConfiguration,
        transport: any HTTPTransport,
        clock: any WallClock = SystemWallClock(),
        logger: Logger
    ) {
        let directory = ProviderDirectory(transport: transport, clock: clock)
        self.init(configuration: configuration, directory: directory, logger: logger)
    }

    /// Creates a client that shares the provider's documents with the others of the directory; nothing is fetched until
    /// the first login of one of them.
    public init(configuration: ProviderConfiguration, directory: ProviderDirectory, logger: Logger) {
        let clock = directory.clock
        self.configuration = configuration
        self.clock = clock
        prover = configuration.options.dpopKey.map { DPoPProver(key: $0, clock: clock) }
        client = ProviderClient(configuration: configuration, transport: directory.transport)
        let documents = directory.documents(of: configuration)
        metadataSource = MetadataSource(client: client, cache: documents.metadata, logger: logger)
        keys = ProviderKeys(client: client, metadata: metadataSource, cache: documents.keys)
        pushes = directory.pushes(to: configuration)
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
