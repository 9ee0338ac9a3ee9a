/// How long a connection is read from after its last answer, so that the answer isn't lost.
public struct LingeringBounds: Sendable {
    /// From the last answer on; a shutdown waits for it.
    public var duration: Duration = .seconds(5)
    /// What a client may send after it has been answered.
    public var bytes = 16 * 1024 * 1024
    /// More connections than these are closed at once.
    public var connections = 256

    /// The defaults.
    public init() {}
}
