import Secrets

/// The client at the token endpoint (RFC 6749 sections 3.2, 4.1.3 and 6).
struct TokenEndpoint: Sendable {
    let client: EndpointClient

    /// Sends one grant, once: whatever the outcome, a code or refresh token that may be spent is never sent again from
    /// here.
    func request(_ grant: [(name: String, value: String)]) async throws -> TokenResponse {
        let response = try await client.post(
            grant,
            to: client.authentication.metadata.tokenEndpoint,
            naming: EndpointRefusal.token.endpoint
        )
        return try TokenResponse(response, type: client.client.prover == nil ? "Bearer" : "DPoP")
    }
}
