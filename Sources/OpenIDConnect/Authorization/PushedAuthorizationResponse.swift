/// A successful answer of the pushed authorization request endpoint (RFC 9126 section 2.2).
struct PushedAuthorizationResponse: Sendable {
    /// A longer reference would not fit the URLs that servers commonly read.
    private static let maximumBytes = 2048

    /// Good for one authorization request.
    let requestURI: String

    init(_ response: HTTPTransportResponse) throws(OpenIDConnectError) {
        let members = response.jsonObject()
        guard response.status == 201 else {
            throw EndpointRefusal.pushedAuthorization.error(response, members: members)
        }
        guard let members else { throw Self.invalid("not a JSON object of type application/json") }
        guard let uri = members["request_uri"]?.stringValue, (1...Self.maximumBytes).contains(uri.utf8.count),
            uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw Self.invalid("request_uri is missing or malformed") }
        // A reference that has expired already, or nobody knows when, is worth nothing to the browser.
        guard let lifetime = members["expires_in"]?.numberValue, lifetime > 0 else {
            throw Self.invalid("expires_in is missing or not positive")
        }
        requestURI = uri
    }

    private static func invalid(_ reason: String) -> OpenIDConnectError {
        OpenIDConnectError(.pushedResponseInvalid, "\(EndpointRefusal.pushedAuthorization.endpoint): \(reason)")
    }
}
