import Secrets

/// The proof that an authorization response belongs to a login of ours: the only thing that buys a token exchange.
///
/// Nothing outside this file can make one, so a path that forgets the checks of `state` and `iss` does not compile.
public struct ValidatedCallback: Sendable {
    /// The authorization code.
    let code: Secret<String>
    /// The issuer of the login; the code goes to its token endpoint and to no other (RFC 9700 section 4.4).
    public let issuer: String
    /// The redirect URI of the login, repeated at the token endpoint.
    let redirectURI: String

    /// Judges a response by the login that it claims to finish.
    ///
    /// - Parameters:
    ///   - promisesIssuer: Whether the provider's metadata says that every response carries `iss`.
    ///   - responseMode: How a code has to come.
    static func validate(
        _ parameters: CallbackParameters,
        expecting expected: ExpectedCallback,
        promisesIssuer: Bool,
        responseMode: ResponseMode
    ) throws(OpenIDConnectError) -> ValidatedCallback {
        try checkState(of: parameters, expecting: expected)
        // RFC 9207 section 2.4: simple string comparison; an error response is judged by it as well.
        if let issuer = parameters.issuer {
            guard issuer.hasSameBytes(as: expected.issuer) else {
                throw OpenIDConnectError(.callbackIssuerMismatch, "the authorization response is another issuer's")
            }
        } else if promisesIssuer {
            throw OpenIDConnectError(.callbackIssuerMissing, "the authorization response lacks the promised iss")
        }
        let isAsAskedFor = parameters.responseMode == responseMode
        // Form Post Response Mode section 2 has errors posted as well. One that comes otherwise signs nobody in, and may
        // be about the mode itself: what the provider says is more use to the operator than how it says it.
        if let error = parameters.error {
            throw OpenIDConnectError(
                .authorizationRefused,
                "the provider did not sign the user in"
                    + (isAsAskedFor ? "" : ", and answered in another response mode than \(responseMode.rawValue)"),
                providerError: ProviderErrorText.code(error),
                providerDescription: parameters.errorDescription.map(ProviderErrorText.description)
            )
        }
        guard let code = parameters.code else {
            throw OpenIDConnectError(.callbackMalformed, "the authorization response has neither code nor error")
        }
        guard isAsAskedFor else {
            throw OpenIDConnectError(
                .callbackResponseMode,
                "the code came by response mode \(parameters.responseMode.rawValue), where the provider has to answer by "
                    + "\(responseMode.rawValue): it does not do what response_mode says"
            )
        }
        return ValidatedCallback(code: code, issuer: expected.issuer, redirectURI: expected.redirectURI)
    }

    /// RFC 9700 section 4.7: the response belongs to the login that this browser started, and could be read.
    static func checkState(
        of parameters: CallbackParameters,
        expecting expected: ExpectedCallback
    ) throws(OpenIDConnectError) {
        guard let state = parameters.state, !state.reveal().isEmpty,
            ConstantTime.areEqual(state.reveal(), expected.state.reveal())
        else { throw OpenIDConnectError(.stateMismatch, "the authorization response belongs to no login here") }
        if let problem = parameters.problem { throw problem }
    }

    private init(code: Secret<String>, issuer: String, redirectURI: String) {
        self.code = code
        self.issuer = issuer
        self.redirectURI = redirectURI
    }
}
