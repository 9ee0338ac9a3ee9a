import Foundation
import Secrets

@testable import OpenIDConnect
@testable import WireText

extension FuzzTarget {
    /// `p` and a plain answer, `t` and a token as it came, or `s`, a header and claims on two lines, which are signed.
    static let userInfo = FuzzTarget(
        name: "userinfo",
        maximumBytes: 65_536,
        dictionary: [
            "p{\"sub\":\"user\"", "s{\"alg\":\"EdDSA\"}\n", "\"iss\":\"https://id.example\"", "\"aud\":\"client\"",
            "\"aud\":[\"client\"]", "\"exp\":", "\"nbf\":", "\"email\":\"a@b.example\"", "\"email_verified\":true",
            "\"phone_number\":", "\"groups\":[", "\"typ\":\"JWT\"", "\"alg\":\"none\"",
        ]
    ) { bytes in
        let input = FuzzInput(bytes)
        let isPlain = input.kind == UInt8(ascii: "p")
        var body = Array(input.rest)
        if input.kind == UInt8(ascii: "s") {
            body = Array(try FuzzProvider().sign(input.halves.first, input.halves.second).utf8)
        }
        let type = isPlain ? "application/json; charset=utf-8" : "application/jwt"
        let answer = HTTPTransportResponse(status: 200, headers: [("content-type", type)], body: body)
        let plain = try await read(answer, isSigned: false)
        let signed = try await read(answer, isSigned: true)
        try expect(isPlain ? signed == nil : plain == nil, "one kind of answer is taken for the other")
        guard let userInfo = plain ?? signed else { return }
        try check(userInfo)
        let claims: JSONValue?
        if isPlain {
            claims = JSONReader.read(body)
        } else {
            let text = String(decoding: body, as: UTF8.self)
            try expect(try FuzzProvider().hasSigned(text), "an answer that the provider has not signed")
            let parts = text.split(separator: ".")
            claims = Base64URL.decode(parts[1].utf8).flatMap { JSONReader.read($0) }
            try checkAddressee(claims?.objectValue ?? [:])
        }
        let subject = claims?.objectValue?["sub"]?.stringValue
        try expect(subject?.utf8.elementsEqual(FuzzProvider.subject.utf8) == true, "another user's claims were taken")
    }

    private static func read(_ answer: HTTPTransportResponse, isSigned: Bool) async throws -> UserInfo? {
        var options = ProviderConfiguration.Options()
        options.userInfoSigningAlgorithm = isSigned ? .eddsa : nil
        let client = try FuzzProvider(userInfo: answer).client(options)
        return try? await client.userInfo(accessToken: Secret("access"), expectedSubject: FuzzProvider.subject)
    }

    private static func checkAddressee(_ claims: [String: JSONValue]) throws {
        try expect(claims["iss"] == .string(FuzzProvider.issuer), "another issuer's answer was taken")
        let audience = claims["aud"]?.stringValue.map { [$0] } ?? claims["aud"]?.stringArrayValue ?? []
        try expect(audience.contains(FuzzProvider.clientID), "another client's answer was taken")
        if let end = claims["exp"]?.numberValue {
            try expect(end > FuzzProvider.now - 61, "an expired answer was taken")
        }
    }

    private static func check(_ userInfo: UserInfo) throws {
        try expect(userInfo.profile.keys.allSatisfy { !ProtectedClaims.names.contains($0) }, "a protocol's claim")
        let claims = IDTokenClaims(
            issuer: FuzzProvider.issuer,
            subject: FuzzProvider.subject,
            audience: [FuzzProvider.clientID],
            expiresAt: .distantFuture,
            issuedAt: .distantPast,
            authenticatedAt: nil,
            sessionID: nil,
            authenticationContext: nil,
            authorizedParty: nil,
            all: ["email": "old@b.example", "email_verified": true, "sub": "user"]
        )
        let joined = StandardClaims(claims, userInfo: userInfo)
        // An address that userinfo brought is verified only if userinfo says so.
        if let email = userInfo.profile["email"], joined.isEmailVerified {
            try expect(userInfo.profile["email_verified"] == .bool(true), "\(email) counts as verified")
        }
    }
}
