import WireText

/// Why an authorization request is refused, and where that may be said.
enum AuthorizationRefusal: Error {
    /// On a page of ours: the request names no place that is known to belong to the application.
    case page(String)
    /// To the application.
    case answer(AnswerTarget, error: String, description: String)
}

extension AuthorizationRequest {
    static let knownScopes = ["openid", "profile", "email", "groups", "offline_access"]

    init(_ form: FormParameters, clients: [DevelopmentClient]) throws(AuthorizationRefusal) {
        guard let client = clients.first(where: { $0.id == form["client_id"] }) else {
            throw .page("The application is not known here: client_id is missing or unknown.")
        }
        guard let redirectURI = form["redirect_uri"], client.redirectURIs.contains(redirectURI) else {
            // RFC 9700, section 4.11: never send a browser to an address that nobody has registered.
            throw .page("The application wants its answer at an address that is not registered: see redirect_uri.")
        }
        self.client = client
        answer = AnswerTarget(redirectURI: redirectURI, mode: .query, state: form["state"])
        scopes = []
        codeChallenge = ""
        isSilent = false
        try readAnswerForm(form)
        try readScopes(form)
        try readCodeChallenge(form)
        try readPrompt(form)
        nonce = form["nonce"]
        loginHint = form["login_hint"]
    }

    private func refusal(_ error: String, _ description: String) -> AuthorizationRefusal {
        .answer(answer, error: error, description: description)
    }

    private mutating func readAnswerForm(_ form: FormParameters) throws(AuthorizationRefusal) {
        if let name = form["response_mode"] {
            guard let mode = AnswerTarget.Mode(rawValue: name) else {
                throw refusal("invalid_request", "response_mode is neither query nor form_post")
            }
            answer.mode = mode
        }
        guard form["response_type"] == "code" else {
            throw refusal("unsupported_response_type", "response_type is not code")
        }
        // OpenID Connect Core 1.0, section 6: who doesn't understand these must say so.
        guard form["request"] == nil else { throw refusal("request_not_supported", "request is not supported") }
        guard form["request_uri"] == nil else {
            throw refusal("request_uri_not_supported", "request_uri is not supported")
        }
    }

    private mutating func readScopes(_ form: FormParameters) throws(AuthorizationRefusal) {
        let asked = (form["scope"] ?? "").split(separator: " ").map(String.init)
        guard asked.contains("openid") else { throw refusal("invalid_scope", "scope does not contain openid") }
        for scope in asked where Self.knownScopes.contains(scope) && !scopes.contains(scope) {
            scopes.append(scope)
        }
    }

    /// RFC 9700, section 2.1.1: PKCE, and only in the form whose challenge tells nothing of the verifier.
    private mutating func readCodeChallenge(_ form: FormParameters) throws(AuthorizationRefusal) {
        guard let challenge = form["code_challenge"], form["code_challenge_method"] == "S256" else {
            throw refusal("invalid_request", "code_challenge with code_challenge_method S256 is required")
        }
        guard Base64URL.decode(challenge.utf8)?.count == 32 else {
            throw refusal("invalid_request", "code_challenge is not the base64url form of a SHA-256 digest")
        }
        codeChallenge = challenge
    }

    private mutating func readPrompt(_ form: FormParameters) throws(AuthorizationRefusal) {
        let prompts = (form["prompt"] ?? "").split(separator: " ")
        if prompts.contains("none") {
            // OpenID Connect Core 1.0, section 3.1.2.1.
            guard prompts.count == 1 else { throw refusal("invalid_request", "prompt has none beside another value") }
            isSilent = true
        }
        if let text = form["max_age"] {
            guard let age = Int(text), age >= 0 else {
                throw refusal("invalid_request", "max_age is not a number of seconds")
            }
            maximumAge = age
        }
    }
}
