public import OpenIDConnect

/// One thing that the provider does wrong, or differently, when told to.
public enum Misbehaviour: Sendable {
    /// Sets a member of the discovery document, or removes it with nil.
    case metadata(String, JSONValue?)
    /// Publishes these keys beside the real ones, before them.
    case decoyKeys([JSONValue])
    /// Publishes these keys instead of the real ones.
    case publishedKeys([JSONValue])
    /// Sets a member of every published real key, or removes it with nil.
    case keyMember(String, JSONValue?)
    /// Sets a parameter of the authorization response, or removes it with nil.
    case callback(String, String?)
    /// Sends a parameter of the authorization response twice.
    case callbackRepeats(String)
    /// Sets a claim of the ID token, or removes it with nil.
    case idTokenClaim(String, JSONValue?)
    /// Appends text to a claim that is a string (`aud` + "1").
    case idTokenClaimAppends(String, String)
    /// Sets a member of the ID token's header, or removes it with nil.
    case idTokenHeader(String, JSONValue?)
    /// Signs this text as the claims.
    case idTokenPayload([UInt8])
    /// Signs with this key, published or not.
    case idTokenKey(ScriptedKey)
    /// What becomes of the signature.
    case idTokenSignature(SignatureFault)
    /// Sends this instead of an ID token.
    case idTokenReplaced(String)
    /// Sets a member of the token response, or removes it with nil.
    case tokenMember(String, JSONValue?)
    /// Sets a claim at userinfo, or removes it with nil.
    case userInfoClaim(String, JSONValue?)
    /// Sets a member of the header of signed userinfo, or removes it with nil.
    case userInfoHeader(String, JSONValue?)
    /// Signs userinfo with this key, published or not.
    case userInfoKey(ScriptedKey)
    /// What becomes of the signature of userinfo.
    case userInfoSignature(SignatureFault)
    /// Wants nonces in proofs of possession.
    case demandsNonces(Nonces)
    /// Answers so, whatever the request; the request has been acted on.
    case answer(RecordedRequest.Endpoint, HTTPTransportResponse)
    /// Puts so many spaces before the body of each answer.
    case padding(RecordedRequest.Endpoint, Int)
    /// Fails so after acting on the request.
    case failure(RecordedRequest.Endpoint, HTTPTransportError.Code)
    /// Ignores PKCE at the token endpoint.
    case ignoresPKCE
    /// Gives no refresh token, and keeps the old one valid on refresh.
    case withoutRotation
    /// Refresh answers without an ID token.
    case refreshWithoutIDToken

    /// Ways to deal with nonces.
    public enum Nonces: Sendable {
        /// The first proof is refused, and its nonce lasts.
        case lasting
        /// Each proof needs the nonce of the answer before.
        case oneUse
        /// Every proof is refused with a new nonce.
        case neverContent
    }

    /// Ways to spoil a signature.
    public enum SignatureFault: Sendable, CaseIterable {
        /// One bit of the last byte is flipped.
        case broken
        /// Nothing after the second dot.
        case empty
        /// All zero bytes, of the right length.
        case zero
        /// One byte short.
        case short
        /// One byte long.
        case long
        /// ASN.1 instead of the raw form (ES256 only).
        case der
        /// HMAC-SHA256 with the published key's PEM as the secret, header `HS256`.
        case hmacWithPEM
        /// HMAC-SHA256 with the published key's first JWK number as the secret, header `HS256`.
        case hmacWithJWK
        /// HMAC-SHA256 with the client secret, header `HS256`.
        case hmacWithClientSecret
        /// Header `none`, nothing after the second dot.
        case unsigned
    }
}
