import Secrets

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// Userinfo as a JWT that the provider signs for this client (Core section 5.3.2).
struct SignedUserInfo: Sendable {
    static let mediaType = "application/jwt"

    /// The one algorithm that is registered for it.
    let algorithm: SigningAlgorithm
    let configuration: ProviderConfiguration
    let verifier: IDTokenVerifier
    let now: Date

    /// The claims of an answer whose status has been judged.
    func claims(_ response: HTTPTransportResponse) async throws -> [String: JSONValue] {
        guard response.mediaType == Self.mediaType, let text = String(validating: response.body, as: UTF8.self) else {
            throw Self.refusal("is not of type \(Self.mediaType), although it was agreed to be signed")
        }
        let token: CompactToken
        do {
            token = try CompactToken(Secret(text))
        } catch {
            throw Self.refusal("is no signed token", underlying: error)
        }
        // RFC 8725 section 3.11: whatever says that it is another kind of token is one.
        if let type = token.type, !["jwt", "application/jwt"].contains(where: type.hasSameASCIILetters) {
            throw Self.refusal("is a token of another type")
        }
        // What the metadata offers for ID tokens says nothing about userinfo: the registration alone does.
        guard SigningAlgorithm(name: token.algorithmName)?.canonical == algorithm.canonical else {
            throw Self.refusal("is signed with another algorithm than the one agreed")
        }
        do {
            try await verifier.checkSignature(token, algorithm: algorithm)
        } catch let error as OpenIDConnectError where !error.isTransient {
            throw Self.refusal("is not signed by the provider (\(error.code))", underlying: error)
        }
        let claims: [String: JSONValue]
        do {
            claims = try token.claims()
        } catch {
            throw Self.refusal("has no claims", underlying: error)
        }
        try check(claims)
        return claims
    }

    /// `iss` and `aud` must be there, so that nothing that the provider signed for another client passes.
    private func check(_ claims: [String: JSONValue]) throws(OpenIDConnectError) {
        guard claims["iss"]?.isString(configuration.issuer) == true else { throw Self.refusal("is another issuer's") }
        let audience = claims["aud"].flatMap { $0.stringValue.map { [$0] } ?? $0.stringArrayValue } ?? []
        guard audience.containsBytes(of: configuration.clientID) else { throw Self.refusal("is for another client") }
        let skew = configuration.options.clockSkew.inSeconds
        // RFC 7519 sections 4.1.4 and 4.1.5; neither has to be there.
        if let end = claims["exp"] {
            guard let seconds = end.numberValue, now.timeIntervalSince1970 < seconds + skew else {
                throw Self.refusal("has expired")
            }
        }
        if let start = claims["nbf"] {
            guard let seconds = start.numberValue, now.timeIntervalSince1970 + skew >= seconds else {
                throw Self.refusal("is not valid yet")
            }
        }
    }

    private static func refusal(_ reason: String, underlying: OpenIDConnectError? = nil) -> OpenIDConnectError {
        OpenIDConnectError(.userInfoInvalid, "userinfo \(reason)", underlying: underlying)
    }
}
