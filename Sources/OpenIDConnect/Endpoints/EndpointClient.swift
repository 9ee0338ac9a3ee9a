/// Posts forms to the provider as this client: the one way to the token, pushed authorization request and revocation
/// endpoints.
struct EndpointClient: Sendable {
    /// A larger answer is refused.
    static let maximumBytes = 256 * 1024

    let client: ProvingClient
    let authentication: ClientAuthentication

    /// Sends a form; what is sent twice at most, and when, ``ProvingClient`` says.
    func post(
        _ form: [(name: String, value: String)],
        to url: String,
        naming endpoint: String
    ) async throws -> HTTPTransportResponse {
        try await client.send(naming: endpoint) {
            let credentials = try authentication.credentials(for: url)
            // A pushed authorization request names the client by itself.
            let own = credentials.fields.filter { field in !form.contains { $0.name == field.name } }
            return HTTPTransportRequest(
                method: .post,
                url: url,
                headers: [
                    ("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"),
                ] + credentials.headers,
                body: Array(FormCoding.encode(form + own).utf8),
                maximumResponseBytes: Self.maximumBytes
            )
        }
    }
}
