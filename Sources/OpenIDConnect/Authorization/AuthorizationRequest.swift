public import Secrets

/// A started login: where to send the browser, and what to remember until it comes back.
public struct AuthorizationRequest: Sendable {
    /// Where to send the browser.
    ///
    /// Holds `state`, `nonce` and the challenge, or a reference to them when they were pushed; never the verifier.
    public let url: String
    /// 43 base64url characters, 256 random bits.
    public let state: Secret<String>
    /// 43 base64url characters, 256 random bits, independent of the others.
    public let nonce: Secret<String>
    /// 43 base64url characters, 256 random bits, independent of the others.
    public let codeVerifier: Secret<String>
    /// The issuer that the login was started at; the answer is accepted from this one only.
    public let issuer: String
    /// The redirect URI that the request named.
    public let redirectURI: String
    /// The `max_age` that the request named; give it to the exchange.
    public let maximumAuthenticationAge: Duration?
    /// The `acr_values` that the request named; give them to the exchange.
    public let requiredAuthenticationContexts: [String]
}

extension AuthorizationRequest: CustomReflectable {
    /// A mirror without the URL, which holds `state`.
    public var customMirror: Mirror { Mirror(self, children: ["issuer": issuer, "redirectURI": redirectURI]) }
}
