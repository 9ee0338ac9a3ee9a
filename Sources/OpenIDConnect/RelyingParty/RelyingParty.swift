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
    let logger: Logger

    /// Creates a client; nothing is fetched until the first login.
    public init(
        configuration: ProviderConfiguration,
        transport: any HTTPTransport,
        clock: any WallClock = SystemWallClock(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.client = ProviderClient(configuration: configuration, transport: transport)
    }
}
