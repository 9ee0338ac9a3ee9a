import HTTPTypes
import HummingbirdTesting
import NIOCore

/// A program with a token: no cookies, JSON both ways.
struct Operator: Sendable {
    let client: any TestClientProtocol
    /// What the `Authorization` field says; nil for none.
    var authorization: String?

    static func admin(_ client: any TestClientProtocol) -> Operator {
        Operator(client: client, authorization: "Bearer " + Site.adminToken)
    }

    static func cron(_ client: any TestClientProtocol) -> Operator {
        Operator(client: client, authorization: "Bearer " + Site.cronSecret)
    }

    func get(_ uri: String, _ headers: HTTPFields = [:]) async throws -> TestResponse {
        try await send(.get, uri, headers)
    }

    func send(
        _ method: HTTPRequest.Method,
        _ uri: String,
        _ headers: HTTPFields = [:],
        body: String? = nil,
        type: String? = "application/json"
    ) async throws -> TestResponse {
        var headers = headers
        if let authorization { headers[.authorization] = authorization }
        if body != nil, let type { headers[.contentType] = type }
        let response = try await client.execute(
            uri: uri,
            method: method,
            headers: headers,
            body: body.map { ByteBuffer(string: $0) }
        )
        APIDescription.shared.check(method, uri, response)
        return response
    }
}
