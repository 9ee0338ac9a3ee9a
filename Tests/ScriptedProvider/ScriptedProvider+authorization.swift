import Foundation
import OpenIDConnect
import Synchronization

extension ScriptedProvider {
    /// Plays the browser's visit: `user` signs in and consents, and the browser is sent back.
    ///
    /// - Parameter error: answer with this error instead of a code.
    /// - Throws: ``ProviderRefusal`` when a strict provider would show an error page.
    public func authorize(
        _ url: String,
        as user: ScriptedUser = .alice,
        error: String? = nil
    ) throws -> AuthorizationAnswer {
        let halves = url.split(separator: "?", maxSplits: 1)
        guard halves.count == 2, halves[0] == issuer + "/authorize" else {
            throw ProviderRefusal(reason: "not the authorization endpoint")
        }
        let form = try authorizationParameters(WireForm(String(halves[1])))
        let redirectURI = form["redirect_uri"] ?? ""

        var answer = AuthorizationAnswer(redirectURI: redirectURI, parameters: [])
        if let error {
            answer.parameters.append(("error", error))
        } else {
            let code = Base64URL.random()
            let grant = Grant(
                user: user,
                redirectURI: redirectURI,
                challenge: form["code_challenge"] ?? "",
                nonce: form["nonce"],
                scope: form["scope"] ?? "",
                authenticatedAt: nowSeconds,
                thumbprint: form["dpop_jkt"]
            )
            state.withLock { $0.codes[code] = grant }
            answer.parameters.append(("code", code))
        }
        answer.parameters.append(("state", form["state"] ?? ""))
        answer.parameters.append(("iss", issuer))
        for misbehaviour in state.withLock({ $0.misbehaviours }) {
            switch misbehaviour {
            case .callback(let name, let value): answer = answer.replacing(name, by: value)
            case .callbackRepeats(let name): answer.parameters.append((name, answer[name] ?? ""))
            default: break
            }
        }
        return answer
    }

    func checkAuthorizationRequest(_ form: WireForm) throws -> String {
        func demand(_ condition: Bool, _ reason: String) throws {
            guard condition else { throw ProviderRefusal(reason: reason) }
        }
        func isURLSafe(_ text: String, _ lengths: ClosedRange<Int>) -> Bool {
            lengths.contains(text.utf8.count)
                && text.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || "-._~".utf8.contains($0)
                }
        }
        try demand(form.repeated.isEmpty, "repeated: \(form.repeated)")
        try demand(form["client_id"] == client.id, "unknown client")
        let redirectURI = form["redirect_uri"] ?? ""
        try demand(client.redirectURIs.contains(redirectURI), "redirect_uri not registered")
        try demand(form["response_type"] == "code", "response_type")
        try demand(form["scope"]?.split(separator: " ").contains("openid") == true, "scope without openid")
        try demand(form["code_challenge_method"] == "S256", "code_challenge_method")
        let challenge = form["code_challenge"] ?? ""
        try demand(isURLSafe(challenge, 43...43), "code_challenge")
        try demand(isURLSafe(form["state"] ?? "", 16...128), "state")
        try demand(isURLSafe(form["nonce"] ?? "", 16...43), "nonce")
        let isFresh = state.withLock { $0.seenChallenges.insert(challenge).inserted }
        try demand(isFresh, "code_challenge used before")
        return redirectURI
    }

    /// Plays the browser's visit to the end-session endpoint; where it is sent afterwards.
    ///
    /// - Throws: ``ProviderRefusal`` for a hint that was never issued or a URI that is not registered.
    public func endSession(_ url: String) throws -> String? {
        let halves = url.split(separator: "?", maxSplits: 1)
        guard halves.count == 2, halves[0] == issuer + "/end-session" else {
            throw ProviderRefusal(reason: "not the end-session endpoint")
        }
        let form = WireForm(String(halves[1]))
        if let hint = form["id_token_hint"] {
            guard state.withLock({ $0.issuedIDTokens.contains(hint) }) else {
                throw ProviderRefusal(reason: "id_token_hint was not issued here")
            }
        }
        guard form["client_id"].map({ $0 == client.id }) ?? true else { throw ProviderRefusal(reason: "client_id") }
        guard let target = form["post_logout_redirect_uri"] else { return nil }
        guard client.postLogoutRedirectURIs.contains(target) else {
            throw ProviderRefusal(reason: "post_logout_redirect_uri not registered")
        }
        return form["state"].map { target + "?" + WireForm.encode([("state", $0)]) } ?? target
    }
}
