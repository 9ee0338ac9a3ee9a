import Crypto
import Secrets

extension RelyingParty {
    /// Starts a login: fresh `state`, `nonce` and verifier, and the URL to send the browser to.
    ///
    /// PKCE is always S256, whatever the metadata says: a provider that does not know it ignores it, and `state` and
    /// `nonce` protect the login there (RFC 9700 section 2.1.1).
    ///
    /// - Throws: as ``metadata()``; ``OpenIDConnectError/Code/invalidConfiguration`` for an impossible `prompt`.
    public func authorizationRequest(
        _ options: AuthorizationOptions = AuthorizationOptions()
    ) async throws -> AuthorizationRequest {
        let metadata = try await metadata()
        guard let endpoint = CheckedURL(metadata.authorizationEndpoint) else {
            throw OpenIDConnectError(.metadataInvalid, "discovery: authorization_endpoint is not usable")
        }
        let maximumAge = options.maximumAuthenticationAge ?? configuration.options.maximumAuthenticationAge
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
        let contexts = configuration.options.requiredAuthenticationContexts
        if !contexts.isEmpty { parameters.append(("acr_values", contexts.joined(separator: " "))) }
        parameters += try Self.parameters(options)
        for (name, value) in configuration.options.authorizationParameters.sorted(by: { $0.key < $1.key }) {
            parameters.append((name, value))
        }
        return AuthorizationRequest(
            url: try endpoint.appending(parameters, to: "authorization_endpoint"),
            state: Secret(state),
            nonce: Secret(nonce),
            codeVerifier: Secret(codeVerifier),
            issuer: configuration.issuer,
            redirectURI: configuration.redirectURI,
            maximumAuthenticationAge: maximumAge
        )
    }

    private static func parameters(
        _ options: AuthorizationOptions
    ) throws(OpenIDConnectError) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        // A hint may come from a stranger's link (Core section 4): what is not a plausible one is left out.
        if let hint = options.loginHint, AuthorizationOptions.isPlausibleHint(hint) {
            parameters.append(("login_hint", hint))
        }
        if !options.prompt.isEmpty {
            guard options.prompt.allSatisfy({ !$0.isEmpty && $0.isPrintableASCII && !$0.contains(" ") }),
                options.prompt == ["none"] || !options.prompt.contains("none")
            else { throw OpenIDConnectError(.invalidConfiguration, "prompt: none stands alone, and no value is empty") }
            parameters.append(("prompt", options.prompt.joined(separator: " ")))
        }
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

extension AuthorizationOptions {
    /// At most 256 bytes and no control character.
    static func isPlausibleHint(_ hint: String) -> Bool {
        (1...256).contains(hint.utf8.count) && hint.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
