import Foundation
import Secrets

@testable import OpenIDConnect
@testable import WireText

extension FuzzTarget {
    /// ID tokens and logout tokens: `t` and a token as it came, or `s`, a header and claims on two lines, which are signed.
    static let tokens = FuzzTarget(
        name: "tokens",
        maximumBytes: 70_000,
        dictionary: [
            "s{\"alg\":\"EdDSA\",\"kid\":\"k\"}\n", "\"iss\":\"https://id.example\"", "\"aud\":\"client\"",
            "\"aud\":[\"client\"]", "\"exp\":2000000100", "\"iat\":2000000000", "\"sub\":\"user\"", "\"sid\":\"s\"",
            "\"nonce\":\"n-0S6_WzA2Mj\"", "\"jti\":\"1\"", "\"nbf\":", "\"azp\":\"client\"", "\"at_hash\":",
            "\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}}", "\"typ\":\"logout+jwt\"",
            "\"crit\":",
        ]
    ) { bytes in
        let provider = try FuzzProvider()
        let input = FuzzInput(bytes)
        let (header, claims) = input.halves
        let text = input.kind == UInt8(ascii: "s") ? try provider.sign(header, claims) : input.text
        try checkForm(text)
        let client = try provider.client()
        let logout = try? await client.logoutToken(Secret(text))
        let login = try? await idToken(text, client)
        try expect(login == nil || logout == nil, "one token signs in and out")
        guard login != nil || logout != nil else { return }
        try expect(provider.hasSigned(text), "a token that the provider has not signed")
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let claimed = Base64URL.decode(parts[1].utf8).flatMap { try? JSONSerialization.jsonObject(with: Data($0)) }
        guard let claimed = claimed as? [String: Any] else { throw Violation(description: "claims that are no object") }
        try checkClaims(claimed)
        if let login { try check(login, claimed) }
        if let logout { try check(logout, claimed) }
        try await checkTampering(parts.map(String.init), client)
    }

    private static func idToken(_ text: String, _ client: RelyingParty) async throws -> IDTokenClaims {
        let expected = IDTokenExpectation(
            configuration: client.configuration,
            occasion: .login(nonce: Secret(FuzzProvider.nonce)),
            accessToken: Secret("access"),
            maximumAuthenticationAge: nil,
            requiredAuthenticationContexts: [],
            now: Date(timeIntervalSince1970: FuzzProvider.now)
        )
        let metadata = try await client.metadataSource.current()
        return try await client.verifier(metadata).verify(Secret(text), by: expected)
    }

    /// A token has one spelling, and what is signed is what stands there.
    private static func checkForm(_ text: String) throws {
        guard let token = try? CompactToken(Secret(text)) else { return }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        try expect(parts.count == 3, "\(parts.count) parts")
        try expect(Base64URL.encode(token.signature).utf8.elementsEqual(parts[2]), "a signature of two spellings")
        let signed = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
        try expect(token.signedBytes == signed, "other bytes are checked than those that stand there")
        _ = UnverifiedLogoutToken(Secret(text))
    }

    /// What Foundation's parser, which is another one, sees in a token that was taken.
    private static func checkClaims(_ claims: [String: Any]) throws {
        try expect(claims["iss"] as? String == FuzzProvider.issuer, "iss")
        let audience = (claims["aud"] as? String).map { [$0] } ?? claims["aud"] as? [String]
        try expect(audience.map { !$0.isEmpty && $0.allSatisfy { $0 == FuzzProvider.clientID } } == true, "aud")
        guard let expiry = claims["exp"] as? Double, let issue = claims["iat"] as? Double else {
            throw Violation(description: "a token without exp or iat was taken")
        }
        try expect(expiry > FuzzProvider.now - 61, "an expired token was taken")
        try expect(abs(issue - FuzzProvider.now) < 3661, "a token of another day was taken")
        if let start = claims["nbf"] as? Double { try expect(start < FuzzProvider.now + 61, "nbf") }
    }

    private static func check(_ login: IDTokenClaims, _ claims: [String: Any]) throws {
        try expect(claims["nonce"] as? String == FuzzProvider.nonce, "a nonce that was not sent")
        try expect(claims["sub"] as? String == login.subject, "another subject than the token's")
        try expect((1...255).contains(login.subject.utf8.count) && login.subject.isPrintableASCII, "the subject's form")
        try expect(claims["events"] == nil, "a logout token signs in")
        try expect(login.expiresAt.timeIntervalSince1970 < 253_402_300_800, "a date beyond the year 9999")
        try expect(
            login.profile.keys.allSatisfy { !ProtectedClaims.names.contains($0) },
            "a protocol's claim in the profile"
        )
    }

    private static func check(_ logout: LogoutToken, _ claims: [String: Any]) throws {
        try expect(claims["nonce"] == nil, "a logout token with a nonce")
        try expect(logout.subject != nil || logout.sessionID != nil, "a logout token about nobody")
        try expect(claims["sub"] as? String == logout.subject && claims["sid"] as? String == logout.sessionID, "whom")
        try expect(claims["jti"] as? String == logout.jwtID && !logout.jwtID.isEmpty, "jti")
        try expect(logout.acceptableUntil.timeIntervalSince1970 >= FuzzProvider.now - 1, "forgotten before it expires")
    }

    /// Another bit of the signature, and nothing is left of the token.
    private static func checkTampering(_ parts: [String], _ client: RelyingParty) async throws {
        guard var signature = Base64URL.decode(parts[2].utf8), !signature.isEmpty else { return }
        signature[signature.count / 2] ^= 1
        let text = "\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))"
        let login = try? await idToken(text, client)
        let logout = try? await client.logoutToken(Secret(text))
        try expect(login == nil && logout == nil, "a spoilt signature was taken")
    }
}
