/// Where and how a server listens.
public struct ListenerConfiguration: Sendable {
    /// The address to bind; `HOST`, 127.0.0.1.
    public var host = "127.0.0.1"
    /// The port to bind; `PORT`, 8080; 0 takes any free one.
    public var port = 8080
    /// More connections than this wait to be accepted.
    public var maximumConnections = 4096
    /// A connection without a request, or with half a head, for this long is closed.
    public var idleTimeout: Duration = .seconds(75)
    /// A connection whose request isn't all there so long after its head is closed.
    public var bodyTimeout: Duration = .seconds(30)
    /// How long a connection is read from after the answer that ends it.
    public var lingering = LingeringBounds()
    /// At shutdown, requests that are under way have this long to finish.
    public var drainTimeout: Duration = .seconds(15)
    /// Told the port once the server listens.
    public var onListening: @Sendable (_ port: Int) async -> Void = { _ in }

    /// The defaults.
    public init() {}
}
