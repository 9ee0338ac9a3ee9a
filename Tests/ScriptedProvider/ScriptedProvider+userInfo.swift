import OpenIDConnect
import Synchronization

extension ScriptedProvider {
    func answerUserInfo(_ request: HTTPTransportRequest) throws -> HTTPTransportResponse {
        let halves = (request.header("Authorization") ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        let token = halves.last ?? ""
        let grant = state.withLock { $0.accessTokens[token] }
        guard let grant, halves.first == (grant.thumbprint == nil ? "Bearer" : "DPoP") else { return invalidToken }
        if let thumbprint = grant.thumbprint {
            let proof = proof(in: request, accessToken: token)
            if let refusal = proof.refusal { return refusal }
            guard proof.thumbprint == thumbprint else { return invalidToken }
        }
        let misbehaviours = state.withLock { $0.misbehaviours }
        var claims = grant.user.claims
        claims["sub"] = .string(grant.user.subject)
        if client.userInfoAlgorithm != nil {
            claims["iss"] = .string(issuer)
            claims["aud"] = .string(client.id)
        }
        for case .userInfoClaim(let name, let value) in misbehaviours { claims[name] = value }
        guard let algorithm = client.userInfoAlgorithm else {
            return .json(.object(claims), headers: freshNonce(of: .resource))
        }
        guard var key = keys.first(where: { $0.algorithm == algorithm }) else {
            throw ProviderRefusal(reason: "no key for signed userinfo")
        }
        var fault: Misbehaviour.SignatureFault?
        for case .userInfoSignature(let other) in misbehaviours { fault = other }
        for case .userInfoKey(let other) in misbehaviours { key = other }
        var header: [String: JSONValue] = ["alg": .string(key.algorithm)]
        header["kid"] = key.kid.map(JSONValue.string)
        for case .userInfoHeader(let name, let value) in misbehaviours { header[name] = value }
        let text = try sign(
            header: header,
            payload: Array(JSONValue.object(claims).serialized().utf8),
            key: key,
            fault: fault
        )
        return HTTPTransportResponse(
            status: 200,
            headers: [("Content-Type", "application/jwt")] + freshNonce(of: .resource),
            body: Array(text.utf8)
        )
    }

    private var invalidToken: HTTPTransportResponse {
        .json(
            ["error": "invalid_token"],
            status: 401,
            headers: [("WWW-Authenticate", "Bearer error=\"invalid_token\"")]
        )
    }
}
