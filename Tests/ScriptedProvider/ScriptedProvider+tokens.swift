import Crypto
import Foundation
import OpenIDConnect
import Synchronization

extension ScriptedProvider {
    func answerTokenRequest(_ request: HTTPTransportRequest, form: WireForm) throws -> HTTPTransportResponse {
        guard form.repeated.isEmpty,
            request.header("Content-Type")?.hasPrefix("application/x-www-form-urlencoded") == true
        else { return .json(["error": "invalid_request"], status: 400) }
        guard isAuthenticated(request, form: form) else {
            return .json(
                ["error": "invalid_client"],
                status: 401,
                headers: [("WWW-Authenticate", "Basic realm=\"op\"")]
            )
        }
        let proof = proof(in: request)
        if let refusal = proof.refusal { return refusal }
        switch form["grant_type"] {
        case "authorization_code": return try exchange(form, thumbprint: proof.thumbprint)
        case "refresh_token": return try refresh(form, thumbprint: proof.thumbprint)
        default: return .json(["error": "unsupported_grant_type"], status: 400)
        }
    }

    private func exchange(_ form: WireForm, thumbprint: String?) throws -> HTTPTransportResponse {
        let code = form["code"] ?? ""
        let ignoresPKCE = state.withLock {
            $0.misbehaviours.contains { if case .ignoresPKCE = $0 { true } else { false } }
        }
        let grant = state.withLock { state -> Grant? in
            if state.spentCodes.contains(code) {
                // RFC 6749 section 4.1.2: a code that comes twice takes the tokens of the first time with it.
                for token in state.tokensByCode[code] ?? [] {
                    state.accessTokens[token] = nil
                    state.refreshTokens[token] = nil
                }
                return nil
            }
            guard let grant = state.codes.removeValue(forKey: code) else { return nil }
            state.spentCodes.insert(code)
            return grant
        }
        let verifier = form["code_verifier"] ?? ""
        let challenge = Base64URL.encode(Data(SHA256.hash(data: Data(verifier.utf8))))
        guard var grant, grant.thumbprint.map({ $0 == thumbprint }) ?? true, form["redirect_uri"] == grant.redirectURI,
            ignoresPKCE || ((43...128).contains(verifier.utf8.count) && challenge == grant.challenge)
        else { return .json(["error": "invalid_grant"], status: 400) }
        grant.thumbprint = thumbprint
        return try issue(grant, code: code, nonce: grant.nonce)
    }

    private func refresh(_ form: WireForm, thumbprint: String?) throws -> HTTPTransportResponse {
        let token = form["refresh_token"] ?? ""
        let keepsToken = state.withLock {
            $0.misbehaviours.contains { if case .withoutRotation = $0 { true } else { false } }
        }
        let grant = state.withLock { state in
            keepsToken ? state.refreshTokens[token] : state.refreshTokens.removeValue(forKey: token)
        }
        // RFC 9449 section 5: a public client's refresh token is bound to the key as well.
        guard var grant, client.authenticationMethod != "none" || grant.thumbprint == thumbprint else {
            return .json(["error": "invalid_grant"], status: 400)
        }
        grant.thumbprint = thumbprint
        if let scope = form["scope"] {
            let granted = Set(grant.scope.split(separator: " "))
            guard Set(scope.split(separator: " ")).isSubset(of: granted) else {
                return .json(["error": "invalid_scope"], status: 400)
            }
        }
        return try issue(grant, code: nil, nonce: nil)
    }

    private func issue(_ grant: Grant, code: String?, nonce: String?) throws -> HTTPTransportResponse {
        let (serial, misbehaviours) = state.withLock { state in
            state.serial += 1
            return (state.serial, state.misbehaviours)
        }
        let accessToken = "at-\(serial)-" + Base64URL.random()
        let refreshToken = "rt-\(serial)-" + Base64URL.random()
        var response: [String: JSONValue] = [
            "access_token": .string(accessToken), "token_type": grant.thumbprint == nil ? "Bearer" : "DPoP",
            "expires_in": 300,
        ]
        var omitsIDToken = false
        var keepsRefreshToken = false
        for misbehaviour in misbehaviours {
            switch misbehaviour {
            case .refreshWithoutIDToken: omitsIDToken = code == nil
            case .withoutRotation: keepsRefreshToken = code == nil
            default: break
            }
        }
        if !omitsIDToken {
            response["id_token"] = .string(try idToken(for: grant, accessToken: accessToken, nonce: nonce))
        }
        if !keepsRefreshToken { response["refresh_token"] = .string(refreshToken) }
        for case .tokenMember(let name, let value) in misbehaviours { response[name] = value }
        state.withLock { state in
            state.accessTokens[accessToken] = grant
            if !keepsRefreshToken { state.refreshTokens[refreshToken] = grant }
            if let code { state.tokensByCode[code] = [accessToken, refreshToken] }
        }
        return .json(.object(response), headers: [("Cache-Control", "no-store")] + freshNonce(of: .token))
    }

    /// RFC 7009 section 2: one token goes, an access token's refresh token with it; what is unknown is no error.
    func answerRevocation(_ request: HTTPTransportRequest, form: WireForm) -> HTTPTransportResponse {
        guard isAuthenticated(request, form: form) else { return .json(["error": "invalid_client"], status: 401) }
        guard let token = form["token"] else { return .json(["error": "invalid_request"], status: 400) }
        state.withLock { state in
            state.accessTokens[token] = nil
            state.refreshTokens[token] = nil
        }
        return HTTPTransportResponse(status: 200)
    }
}
