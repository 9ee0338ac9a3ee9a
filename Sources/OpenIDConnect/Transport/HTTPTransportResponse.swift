/// What the provider answered, with a body that never shows in any printed form.
public struct HTTPTransportResponse: Sendable {
    /// The HTTP status code.
    public var status: Int

    /// Header fields in the order of arrival.
    public var headers: [(name: String, value: String)]

    /// The body as it came, not decompressed.
    public var body: [UInt8]

    /// Creates a response.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of the first header field of this name, compared without case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension HTTPTransportResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Status and size.
    public var description: String { "\(status), \(body.count) bytes" }

    /// The same as ``description``: the rest may be secret.
    public var debugDescription: String { description }

    /// A mirror of the status alone.
    public var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}
