public import OpenIDConnect

/// A request that reached the provider.
public struct RecordedRequest: Sendable {
    /// Which of the provider's doors.
    public enum Endpoint: String, Sendable, Hashable, CaseIterable {
        /// The discovery document.
        case discovery
        /// The keys.
        case keys
        /// The token endpoint.
        case token
        /// The userinfo endpoint.
        case userInfo
        /// The pushed authorization request endpoint (RFC 9126).
        case pushedRequest
        /// The revocation endpoint (RFC 7009).
        case revocation
        /// The authorization endpoint, which browsers alone have reason to visit.
        case authorization
        /// The end-session endpoint, for browsers too.
        case endSession
        /// Anything else: a stray call.
        case stray
    }

    /// The door.
    public let endpoint: Endpoint
    /// The request as sent.
    public let request: HTTPTransportRequest
    /// The form fields of its body.
    public let form: WireForm
}
