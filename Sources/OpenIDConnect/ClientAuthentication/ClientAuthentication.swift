import Secrets

/// How this client proves itself in the forms that it posts to the provider: alike at the token, the pushed authorization
/// request and the revocation endpoint (RFC 9126 section 2, RFC 7009 section 2.1).
struct ClientAuthentication: Sendable {
    /// What is added to a request.
    struct Credentials {
        var headers: [(name: String, value: String)] = []
        var fields: [(name: String, value: String)] = []
    }

    let configuration: ProviderConfiguration
    let metadata: ProviderMetadata
    let clock: any WallClock

    /// The credentials for one request to this endpoint; an assertion is a new one each time.
    func credentials(for endpoint: String) throws(OpenIDConnectError) -> Credentials {
        let id = (name: "client_id", value: configuration.clientID)
        let secret = configuration.clientSecret?.reveal() ?? ""
        switch try configuration.authenticationMethod(at: metadata) {
        case .clientSecretBasic: return Credentials(headers: [("Authorization", basic(secret))])
        case .clientSecretPost: return Credentials(fields: [id, ("client_secret", secret)])
        case .none: return Credentials(fields: [id])
        case .clientSecretJWT:
            let algorithm = try configuration.macAlgorithm(at: metadata)
            return Credentials(fields: [id] + assertion(try newAssertion(for: endpoint).text(secret, algorithm)))
        case .privateKeyJWT:
            guard let key = configuration.options.clientKey else {
                throw OpenIDConnectError(.invalidConfiguration, "clientKey: is needed for private_key_jwt")
            }
            return Credentials(fields: [id] + assertion(try newAssertion(for: endpoint).text(key)))
        }
    }

    private func newAssertion(for endpoint: String) throws(OpenIDConnectError) -> ClientAssertion {
        switch configuration.options.assertionAudience {
        case .issuer: return ClientAssertion(self, audience: configuration.issuer)
        case .tokenEndpoint:
            guard CheckedURL(endpoint)?.origin == CheckedURL(metadata.tokenEndpoint)?.origin else {
                throw OpenIDConnectError(
                    .metadataInvalid,
                    "discovery: an endpoint is not on the server of the token endpoint, which assertions are made for"
                )
            }
            return ClientAssertion(self, audience: metadata.tokenEndpoint)
        }
    }

    /// How an assertion travels (RFC 7523 section 2.2).
    private func assertion(_ text: String) -> [(name: String, value: String)] {
        [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", text),
        ]
    }

    /// RFC 6749 section 2.3.1: both halves are form-encoded before they are joined, so a colon in the id is no
    /// separator.
    private func basic(_ secret: String) -> String {
        let credentials = FormCoding.encode(configuration.clientID) + ":" + FormCoding.encode(secret)
        return "Basic " + Base64.encode(Array(credentials.utf8))
    }
}
