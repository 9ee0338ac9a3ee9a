import Secrets

/// Sends requests with a DPoP proof when the configuration has a key for that, and as they are otherwise.
struct ProvingClient: Sendable {
    let client: ProviderClient
    let prover: DPoPProver?

    /// Sends a request, and once more when the server refused it for want of a nonce that it then gave (RFC 9449
    /// sections 8 and 9).
    ///
    /// That is the only repetition: a request that was refused so spent neither code nor refresh token.
    ///
    /// - Parameter make: makes the request, without the proof; it is called anew for the repetition, since a client
    ///   assertion may be sent only once.
    func send(
        naming endpoint: String,
        accessToken: Secret<String>? = nil,
        _ make: () throws -> HTTPTransportRequest
    ) async throws -> HTTPTransportResponse {
        guard let prover else { return try await client.send(make(), naming: endpoint) }
        let role: DPoPNonces.Role = accessToken == nil ? .authorizationServer : .resourceServer
        let request = try make()
        let nonce = prover.nonces.nonce(for: request.url, as: role)
        func attempt(_ request: HTTPTransportRequest, _ nonce: String?) async throws -> HTTPTransportResponse {
            var request = request
            request.headers.append(("DPoP", try prover.proof(for: request, accessToken: accessToken, nonce: nonce)))
            return try await client.send(request, naming: endpoint)
        }
        let response = try await attempt(request, nonce)
        // The same nonce again would get the same answer.
        guard let fresh = prover.nonces.keep(from: response, to: request.url, as: role), fresh != nonce,
            response.demandsNonce
        else { return response }
        // With the nonce that was given for it: by now the kept one may be another request's, who uses it up.
        let repetition = try await attempt(make(), fresh)
        prover.nonces.keep(from: repetition, to: request.url, as: role)
        return repetition
    }
}

extension HTTPTransportResponse {
    /// Whether the server refuses for want of its nonce: in the body as an authorization server does (RFC 9449
    /// section 8), or in a challenge as a resource server does (section 9).
    fileprivate var demandsNonce: Bool {
        let error = "use_dpop_nonce"
        guard status == 400 || status == 401 else { return false }
        if jsonObject()?["error"]?.isString(error) == true { return true }
        return AuthenticationChallenge.list(in: self).contains {
            $0.isScheme("DPoP") && $0.parameters["error"]?.hasSameBytes(as: error) == true
        }
    }
}
