public import Hummingbird
import NIOCore
public import Sessions

/// The context of applications that need no more than the session.
public struct BasicSessionRequestContext: SessionRequestContext {
    /// What Hummingbird needs.
    public var coreContext: CoreRequestContextStorage
    /// The live session of the browser.
    public var session: Session?
    /// The address at the other end of the connection.
    public let clientAddress: String?

    /// Creates the context of a request.
    public init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.clientAddress = source.channel.remoteAddress?.ipAddress
    }
}
