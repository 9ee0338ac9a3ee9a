import Secrets

/// The client at the token endpoint (RFC 6749 sections 3.2, 4.1.3 and 6).
struct TokenEndpoint: Sendable {
    /// A larger answer is refused.
    static let maximumBytes = 256 * 1024

    let client: ProviderClient
    let metadata: ProviderMetadata

    private var configuration: ProviderConfiguration { client.configuration }

    /// Sends one grant, once: whatever the outcome, the same code or refresh token is never sent again from here.
    func request(_ grant: [(name: String, value: String)]) async throws -> TokenResponse {
        let method = try authenticationMethod()
        var headers = [
            (name: "Accept", value: "application/json"),
            (name: "Content-Type", value: "application/x-www-form-urlencoded"),
        ]
        var form = grant
        switch method {
        case .clientSecretBasic: headers.append(("Authorization", basicCredentials()))
        case .clientSecretPost:
            form.append(("client_id", configuration.clientID))
            form.append(("client_secret", configuration.clientSecret?.reveal() ?? ""))
        case .none: form.append(("client_id", configuration.clientID))
        }
        let request = HTTPTransportRequest(
            method: .post,
            url: metadata.tokenEndpoint,
            headers: headers,
            body: Array(FormCoding.encode(form).utf8),
            maximumResponseBytes: Self.maximumBytes
        )
        return try TokenResponse(await client.send(request, naming: "token endpoint"))
    }

    /// What the configuration says, else the first that client and provider have in common.
    private func authenticationMethod() throws(OpenIDConnectError) -> ClientAuthenticationMethod {
        if let method = configuration.options.authenticationMethod { return method }
        guard configuration.clientSecret != nil else { return .none }
        guard let offered = metadata.tokenEndpointAuthenticationMethods else { return .clientSecretBasic }
        for method in [ClientAuthenticationMethod.clientSecretBasic, .clientSecretPost]
        where offered.containsBytes(of: method.rawValue) {
            return method
        }
        throw OpenIDConnectError(
            .metadataInvalid,
            "discovery: the provider accepts neither client_secret_basic nor client_secret_post"
        )
    }

    /// RFC 6749 section 2.3.1: both halves are form-encoded before they are joined, so a colon in the id is no
    /// separator.
    private func basicCredentials() -> String {
        let id = FormCoding.encode(configuration.clientID)
        let secret = FormCoding.encode(configuration.clientSecret?.reveal() ?? "")
        return "Basic " + Base64.encode(Array("\(id):\(secret)".utf8))
    }
}
