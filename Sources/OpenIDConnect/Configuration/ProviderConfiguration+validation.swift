import Secrets

extension ProviderConfiguration {
    /// Parameters of the authorization request that this module sets, or that would replace them (RFC 6749
    /// section 3.1: none may appear twice; RFC 9101: `request` would override all of them).
    static let reservedParameters: Set<String> = [
        "response_type", "response_mode", "client_id", "client_secret", "redirect_uri", "scope", "state", "nonce",
        "code_challenge", "code_challenge_method", "code_verifier", "request", "request_uri", "registration",
        "max_age", "prompt", "login_hint", "acr_values", "id_token_hint", "ui_locales", "code", "grant_type",
        "dpop_jkt", "client_assertion", "client_assertion_type",
    ]

    func validate() throws(OpenIDConnectError) {
        guard !name.isEmpty, name.utf8.count <= 64 else {
            throw Self.refusal("name", "must have 1 to 64 bytes")
        }
        try validateIssuer()
        guard !clientID.isEmpty, clientID.utf8.count <= 1024, clientID.isPrintableASCII else {
            throw Self.refusal("clientID", "must be 1 to 1024 printable ASCII characters")
        }
        if let clientSecret, clientSecret.reveal().isEmpty {
            throw Self.refusal("clientSecret", "is empty; leave it out for a public client")
        }
        guard CheckedURL(redirectURI) != nil else {
            throw Self.refusal("redirectURI", "must be an absolute https URL without fragment (http only on loopback)")
        }
        if let uri = options.postLogoutRedirectURI, CheckedURL(uri) == nil {
            throw Self.refusal("postLogoutRedirectURI", "must be an absolute https URL (http only on loopback)")
        }
        try validateOptions()
    }

    private func validateIssuer() throws(OpenIDConnectError) {
        // Discovery section 3: https, no query, no fragment.
        guard let url = CheckedURL(issuer) else {
            throw Self.refusal("issuer", "must be an https URL (http only on a loopback host) without fragment")
        }
        guard url.query == nil else { throw Self.refusal("issuer", "must not have a query") }
    }

    private func validateOptions() throws(OpenIDConnectError) {
        guard options.responseType == "code" else {
            throw Self.refusal("responseType", "only the authorization code flow is supported: code")
        }
        guard options.scopes.contains("openid") else { throw Self.refusal("scopes", "must contain openid") }
        // RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        guard
            options.scopes.allSatisfy({ scope in
                !scope.isEmpty
                    && scope.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
            })
        else { throw Self.refusal("scopes", "a scope is empty or has a space, a quote or a backslash in it") }
        guard !options.allowedAlgorithms.isEmpty else { throw Self.refusal("allowedAlgorithms", "is empty") }
        // An allowance of five minutes or more would accept what conformance tests call expired.
        guard options.clockSkew >= .zero, options.clockSkew < .seconds(300) else {
            throw Self.refusal("clockSkew", "must be at least 0 and below 300 seconds")
        }
        guard options.maximumIDTokenAge > .zero else { throw Self.refusal("maximumIDTokenAge", "must be positive") }
        guard options.requestTimeout > .zero else { throw Self.refusal("requestTimeout", "must be positive") }
        if let age = options.maximumAuthenticationAge, age < .zero {
            throw Self.refusal("maximumAuthenticationAge", "must not be negative")
        }
        for parameter in options.authorizationParameters.keys.sorted()
        where parameter.isEmpty || Self.reservedParameters.contains(parameter) {
            throw Self.refusal("authorizationParameters", "\"\(parameter)\" is set by the login itself")
        }
        guard AuthorizationOptions.isPossible(prompt: options.prompt) else {
            throw Self.refusal("prompt", AuthorizationOptions.promptRule)
        }
        guard options.requiredAuthenticationContexts.allSatisfy({ AuthorizationOptions.isWord($0) }) else {
            throw Self.refusal("requiredAuthenticationContexts", "a value is empty or has a space in it")
        }
        try validateAuthentication()
    }

    private func validateAuthentication() throws(OpenIDConnectError) {
        // Whoever configures a key wants it used.
        if let method = options.authenticationMethod, method != .privateKeyJWT, options.clientKey != nil {
            throw Self.refusal("clientKey", "is not used with \(method.rawValue): leave one of the two out")
        }
        switch options.authenticationMethod {
        case nil, .some(.none): break
        case .some(.privateKeyJWT):
            guard options.clientKey != nil else { throw Self.refusal("clientKey", "is needed for private_key_jwt") }
        case .some(let method):
            guard let clientSecret else { throw Self.refusal("clientSecret", "is needed for \(method.rawValue)") }
            let minimum = MACAlgorithm.hs256.minimumSecretBytes
            // Core section 16.19: whoever sees one assertion may try secrets on it for ever.
            guard method != .clientSecretJWT || clientSecret.reveal().utf8.count >= minimum else {
                throw Self.refusal("clientSecret", "must have at least \(minimum) bytes for client_secret_jwt")
            }
        }
    }

    private static func refusal(_ setting: String, _ reason: String) -> OpenIDConnectError {
        OpenIDConnectError(.invalidConfiguration, "\(setting): \(reason)")
    }
}
