/// A request that the relying party wants sent.
///
/// Headers and body carry client secrets, codes and tokens, so neither shows in any printed form.
public struct HTTPTransportRequest: Sendable {
    /// The methods that OpenID Connect asks for.
    public enum Method: String, Sendable, Hashable {
        /// Metadata, keys, userinfo.
        case get = "GET"
        /// The token endpoint.
        case post = "POST"
    }

    /// The method.
    public var method: Method

    /// An absolute URL, already checked: https, or http on a loopback host; ASCII; without user name or fragment.
    public var url: String

    /// Header fields in order; names are unique.
    public var headers: [(name: String, value: String)]

    /// The body; empty for ``Method/get``.
    public var body: [UInt8]

    /// The deadline for the whole exchange, connection included.
    public var timeout: Duration

    /// More body bytes than this in the answer are an error.
    public var maximumResponseBytes: Int

    /// Creates a request.
    public init(
        method: Method,
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        timeout: Duration = .seconds(10),
        maximumResponseBytes: Int = 1 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumResponseBytes = maximumResponseBytes
    }

    /// The value of the header field of this name, compared without case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension HTTPTransportRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and URL.
    public var description: String { "\(method.rawValue) \(url)" }

    /// The same as ``description``: the rest is secret.
    public var debugDescription: String { description }

    /// A mirror without headers and body.
    public var customMirror: Mirror {
        Mirror(self, children: ["method": method.rawValue, "url": url])
    }
}
