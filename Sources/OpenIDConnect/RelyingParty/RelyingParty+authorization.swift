import Crypto
import Secrets

extension RelyingParty {
    /// Starts a login: fresh `state`, `nonce` and verifier, and the URL to send the browser to.
    ///
    /// PKCE is always S256, whatever the metadata says: a provider that does not know it ignores it, and `state` and
    /// `nonce` protect the login there (RFC 9700 section 2.1.1).
    ///
    /// Where requests are pushed (RFC 9126), each call pushes one of its own: its reference is good for one browser, once.
    ///
    /// - Throws: as ``metadata()``; ``OpenIDConnectError/Code/invalidConfiguration`` for impossible options, and for keys
    ///   that the provider can do nothing with. Where requests are pushed also
    ///   ``OpenIDConnectError/Code/tooManyPushedRequests``, before anything is sent, ``OpenIDConnectError/Code/pushedRequestRejected``,
    ///   ``OpenIDConnectError/Code/pushedResponseInvalid`` and ``OpenIDConnectError/Code/clientRejected``.
    public func authorizationRequest(
        _ options: AuthorizationOptions = AuthorizationOptions()
    ) async throws -> AuthorizationRequest {
        let metadata = try await metadata()
        guard let endpoint = CheckedURL(metadata.authorizationEndpoint) else {
            throw OpenIDConnectError(.metadataInvalid, "discovery: authorization_endpoint is not usable")
        }
        try checkKeys(metadata)
        let pushEndpoint = try pushEndpoint(metadata)
        let maximumAge = options.maximumAuthenticationAge ?? configuration.options.maximumAuthenticationAge
        let contexts = try requiredContexts(options)
        let (state, nonce, codeVerifier) = (RandomToken.make(), RandomToken.make(), RandomToken.make())
        var parameters = [
            (name: "response_type", value: configuration.options.responseType),
            (name: "client_id", value: configuration.clientID),
            (name: "redirect_uri", value: configuration.redirectURI),
            (name: "scope", value: configuration.options.scopes.joined(separator: " ")),
            (name: "state", value: state),
            (name: "nonce", value: nonce),
            // RFC 7636 section 4.2
            (name: "code_challenge", value: Base64URL.encode(Array(SHA256.hash(data: Array(codeVerifier.utf8))))),
            (name: "code_challenge_method", value: "S256"),
        ]
        if let mode = configuration.options.responseMode { parameters.append(("response_mode", mode.rawValue)) }
        if let maximumAge { parameters.append(("max_age", String(maximumAge.components.seconds))) }
        if !contexts.isEmpty { parameters.append(("acr_values", contexts.joined(separator: " "))) }
        parameters += try optional(options)
        // RFC 9449 section 10: the code is worth nothing to whoever lacks the key.
        if let key = configuration.options.dpopKey { parameters.append(("dpop_jkt", key.thumbprint)) }
        for (name, value) in configuration.options.authorizationParameters.sorted(by: { $0.key < $1.key }) {
            parameters.append((name, value))
        }
        if let pushEndpoint { parameters = try await push(parameters, to: pushEndpoint, of: metadata) }
        return AuthorizationRequest(
            url: try endpoint.appending(parameters, to: "authorization_endpoint"),
            state: Secret(state),
            nonce: Secret(nonce),
            codeVerifier: Secret(codeVerifier),
            issuer: configuration.issuer,
            redirectURI: configuration.redirectURI,
            maximumAuthenticationAge: maximumAge,
            requiredAuthenticationContexts: contexts
        )
    }

    /// Of those configured, if any are: no link makes a login weaker than the configuration.
    private func requiredContexts(_ options: AuthorizationOptions) throws(OpenIDConnectError) -> [String] {
        let configured = configuration.options.requiredAuthenticationContexts
        guard let contexts = options.requiredAuthenticationContexts else { return configured }
        guard contexts.allSatisfy(AuthorizationOptions.isWord),
            configured.isEmpty || !contexts.isEmpty && contexts.allSatisfy(configured.containsBytes)
        else {
            throw OpenIDConnectError(
                .invalidConfiguration,
                "acr_values: one is malformed, or not among the configured ones"
            )
        }
        return contexts
    }

    private func optional(
        _ options: AuthorizationOptions
    ) throws(OpenIDConnectError) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        // A hint may come from a stranger's link (Core section 4): what is not a plausible one is left out.
        if let hint = options.loginHint, AuthorizationOptions.isPlausibleHint(hint) {
            parameters.append(("login_hint", hint))
        }
        let prompt = options.prompt.isEmpty ? configuration.options.prompt : options.prompt
        guard AuthorizationOptions.isPossible(prompt: prompt) else {
            throw OpenIDConnectError(.invalidConfiguration, "prompt: \(AuthorizationOptions.promptRule)")
        }
        if !prompt.isEmpty { parameters.append(("prompt", prompt.joined(separator: " "))) }
        let locales = options.uiLocales.filter { locale in
            (1...35).contains(locale.utf8.count)
                && locale.utf8.allSatisfy {
                    (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2D
                }
        }
        if !locales.isEmpty { parameters.append(("ui_locales", locales.prefix(10).joined(separator: " "))) }
        return parameters
    }
}
