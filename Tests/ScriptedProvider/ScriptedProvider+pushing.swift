import OpenIDConnect
import Synchronization

extension ScriptedProvider {
    /// RFC 9126 section 2: what a browser would bring is checked here, and given out as a reference for one use.
    func answerPushedRequest(_ request: HTTPTransportRequest, form: WireForm) -> HTTPTransportResponse {
        guard form.repeated.isEmpty, form["request_uri"] == nil else {
            return .json(["error": "invalid_request"], status: 400)
        }
        guard isAuthenticated(request, form: form) else { return .json(["error": "invalid_client"], status: 401) }
        let proof = proof(in: request)
        if let refusal = proof.refusal { return refusal }
        if let thumbprint = proof.thumbprint, form["dpop_jkt"].map({ $0 != thumbprint }) ?? false {
            return .json(["error": "invalid_dpop_proof"], status: 400)
        }
        do {
            _ = try checkAuthorizationRequest(form)
        } catch {
            return .json(["error": "invalid_request", "error_description": .string("\(error)")], status: 400)
        }
        let reference = "urn:ietf:params:oauth:request_uri:" + Base64URL.random()
        state.withLock { $0.pushedRequests[reference] = form }
        let answer: JSONValue = ["request_uri": .string(reference), "expires_in": 60]
        return .json(answer, status: 201, headers: freshNonce(of: .token))
    }

    /// The request that a browser brings: its own parameters, or those that were pushed.
    func authorizationParameters(_ form: WireForm) throws -> WireForm {
        guard form.fields.contains(where: { $0.name == "request_uri" }) else {
            guard !client.pushesRequests else { throw ProviderRefusal(reason: "not pushed") }
            _ = try checkAuthorizationRequest(form)
            return form
        }
        // Conformance tests allow these two and no other.
        guard form.fields.map(\.name).sorted() == ["client_id", "request_uri"], form["client_id"] == client.id else {
            throw ProviderRefusal(reason: "more than client_id and request_uri")
        }
        guard let pushed = state.withLock({ $0.pushedRequests.removeValue(forKey: form["request_uri"] ?? "") }) else {
            throw ProviderRefusal(reason: "unknown or used request_uri")
        }
        return pushed
    }
}
