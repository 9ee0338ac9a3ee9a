extension RelyingParty {
    /// Judges an authorization response by the login that it claims to finish.
    ///
    /// `state` is judged before anything else, and without a request to the provider.
    ///
    /// - Throws: ``OpenIDConnectError`` with ``OpenIDConnectError/Code/stateMismatch``,
    ///   ``OpenIDConnectError/Code/callbackIssuerMismatch``, ``OpenIDConnectError/Code/callbackIssuerMissing``,
    ///   ``OpenIDConnectError/Code/authorizationRefused``, ``OpenIDConnectError/Code/callbackResponseMode`` or
    ///   ``OpenIDConnectError/Code/callbackMalformed``; else as ``metadata()``.
    public func validatedCallback(
        _ parameters: CallbackParameters,
        expecting expected: ExpectedCallback
    ) async throws -> ValidatedCallback {
        try ValidatedCallback.checkState(of: parameters, expecting: expected)
        try checkOwnIssuer(expected.issuer)
        return try ValidatedCallback.validate(
            parameters,
            expecting: expected,
            promisesIssuer: await metadata().promisesIssuerInResponse,
            responseMode: configuration.options.responseMode ?? .query
        )
    }

    /// A login that was started at another provider is not finished at this one (RFC 9700 section 4.4).
    func checkOwnIssuer(_ issuer: String) throws(OpenIDConnectError) {
        guard issuer.hasSameBytes(as: configuration.issuer) else {
            throw OpenIDConnectError(.callbackIssuerMismatch, "the login was started at another issuer")
        }
    }
}
