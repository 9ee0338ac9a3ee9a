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
        switch form["grant_type"] {
        case "authorization_code": return try exchange(form)
        case "refresh_token": return try refresh(form)
        default: return .json(["error": "unsupported_grant_type"], status: 400)
        }
    }

    private func exchange(_ form: WireForm) throws -> HTTPTransportResponse {
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
        guard let grant, form["redirect_uri"] == grant.redirectURI,
            ignoresPKCE || ((43...128).contains(verifier.utf8.count) && challenge == grant.challenge)
        else { return .json(["error": "invalid_grant"], status: 400) }
        return try issue(grant, code: code, nonce: grant.nonce)
    }

    private func refresh(_ form: WireForm) throws -> HTTPTransportResponse {
        let token = form["refresh_token"] ?? ""
        let keepsToken = state.withLock {
            $0.misbehaviours.contains { if case .withoutRotation = $0 { true } else { false } }
        }
        let grant = state.withLock { state in
            keepsToken ? state.refreshTokens[token] : state.refreshTokens.removeValue(forKey: token)
        }
        guard let grant else { return .json(["error": "invalid_grant"], status: 400) }
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
            "access_token": .string(accessToken), "token_type": "Bearer", "expires_in": 300,
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
        return .json(.object(response), headers: [("Cache-Control", "no-store")])
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

    func isAuthenticated(_ request: HTTPTransportRequest, form: WireForm) -> Bool {
        let header = request.header("Authorization")
        switch client.authenticationMethod {
        case "client_secret_basic":
            guard let header, header.hasPrefix("Basic "), form["client_secret"] == nil,
                let decoded = Data(base64Encoded: String(header.dropFirst(6)))
            else { return false }
            // RFC 6749 section 2.3.1: both halves are form-urlencoded before they are joined.
            let halves = String(decoding: decoded, as: UTF8.self).split(
                separator: ":",
                omittingEmptySubsequences: false
            )
            guard halves.count == 2 else { return false }
            return WireForm("v=" + halves[0])["v"] == client.id && WireForm("v=" + halves[1])["v"] == client.secret
                && form["client_id"].map { $0 == client.id } ?? true
        case "client_secret_post":
            return header == nil && form["client_id"] == client.id && form["client_secret"] == client.secret
        default:
            return header == nil && form["client_id"] == client.id && form["client_secret"] == nil
        }
    }

    func answerUserInfo(_ request: HTTPTransportRequest) -> HTTPTransportResponse {
        let header = request.header("Authorization") ?? ""
        let token = header.hasPrefix("Bearer ") ? String(header.dropFirst(7)) : ""
        guard let grant = state.withLock({ $0.accessTokens[token] }) else {
            return .json(
                ["error": "invalid_token"],
                status: 401,
                headers: [("WWW-Authenticate", "Bearer error=\"invalid_token\"")]
            )
        }
        var claims = grant.user.claims
        claims["sub"] = .string(grant.user.subject)
        for case .userInfoClaim(let name, let value) in state.withLock({ $0.misbehaviours }) { claims[name] = value }
        return .json(.object(claims))
    }
}
