public import Hummingbird
public import Sessions

/// A request context that knows who is asking.
///
/// ``AttachSession`` fills ``session``; routes behind ``RequireSession`` find one with a subject there.
public protocol SessionRequestContext: RequestContext {
    /// The live session of the browser; nil when it has none.
    var session: Session? { get set }

    /// The address at the other end of the connection; nil when it is unknown.
    var clientAddress: String? { get }
}

extension SessionRequestContext {
    /// Unknown, unless the context says more.
    public var clientAddress: String? { nil }
}
