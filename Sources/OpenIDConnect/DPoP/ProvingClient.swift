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
        let (response, nonce) = try await attempt(make(), naming: endpoint, accessToken: accessToken, by: prover)
        // The same nonce again would get the same answer.
        guard let fresh = prover.nonces.keep(from: response.value, to: response.url), fresh != nonce,
            response.value.demandsNonce
        else { return response.value }
        let (second, _) = try await attempt(make(), naming: endpoint, accessToken: accessToken, by: prover)
        prover.nonces.keep(from: second.value, to: second.url)
        return second.value
    }

    private func attempt(
        _ request: HTTPTransportRequest,
        naming endpoint: String,
        accessToken: Secret<String>?,
        by prover: DPoPProver
    ) async throws -> (response: (value: HTTPTransportResponse, url: String), nonce: String?) {
        let proof = try prover.proof(for: request, accessToken: accessToken)
        var request = request
        request.headers.append(("DPoP", proof.text))
        return ((try await client.send(request, naming: endpoint), request.url), proof.nonce)
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
