import HTTPTypes
import HummingbirdTesting

extension TestClient {
    /// A request with the `Host` that RFC 9112 section 3.2 demands, which this client sends only when it is told.
    static func request(
        _ uri: String,
        method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:]
    ) -> TestClient.Request {
        TestClient.Request(uri, method: method, authority: "app.example", headers: headers)
    }

    /// The answer to a GET with it.
    func visit(_ uri: String, headers: HTTPFields = [:]) async throws -> TestClient.Response {
        try await execute(Self.request(uri, headers: headers))
    }
}
