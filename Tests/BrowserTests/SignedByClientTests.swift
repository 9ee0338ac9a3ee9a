import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

/// What this client signs, judged by a library that shares no code with it.
@Suite struct SignedByClientTests {
    private struct Judged: Encodable {
        var kind: String
        var token: String
        var algorithm: String
        var expected: [String: String]
        var madeAt = Int(Date().timeIntervalSince1970)
        var key: [String: String]?
        var secret: String?
        var thumbprint: String?
        var accessToken: String?
    }

    @Test("ID-31 DP-01 CI-11 CI-12 assertions and proofs of each algorithm are what joserfc expects")
    func judged() async throws {
        var cases: [Judged] = []
        for algorithm in ["RS256", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"] {
            cases += try await self.cases(of: ScriptedKey(algorithm, kid: "k1"))
        }
        cases.append(try await sharedSecret())
        #expect(cases.count == 28)
        let encoded = try JSONEncoder().encode(cases)
        let interpreter = try await PythonEnvironment.shared.interpreter()
        try await Repository.withTemporaryDirectory { folder in
            let file = folder.appending(path: "cases.json")
            try encoded.write(to: file)
            let script = Bundle.module.bundleURL.appending(path: "Providers/jose_judge.py")
            let process = try await OutsideProgram(interpreter, ["-W", "ignore", script.path, file.path])
            _ = try await process.firstLine { $0 == "end" ? true : nil }
            await process.stop()
            let verdicts = process.transcript.split(separator: "\n").prefix { $0 != "end" }
            #expect(verdicts.count == cases.count)
            for (verdict, judged) in zip(verdicts, cases) {
                #expect(verdict == "ok", "\(judged.kind) \(judged.algorithm)")
            }
        }
    }

    /// An assertion, a proof at the token endpoint, and one at userinfo.
    private func cases(of key: ScriptedKey) async throws -> [Judged] {
        var client = ScriptedClient()
        client.authenticationMethod = "private_key_jwt"
        client.publicKey = key.publicJWK
        client.bindsTokens = true
        let provider = ScriptedProvider(client: client)
        let algorithm = try #require(SigningAlgorithm(name: key.algorithm))
        let signingKey = try ClientSigningKey(Secret(key.privatePEM), algorithm: algorithm, keyID: "k1")
        let accessToken = try await login(provider) {
            $0.clientKey = signingKey
            $0.dpopKey = signingKey
        }
        let token = try #require(provider.requests(to: .token).first)
        let userInfo = try #require(provider.requests(to: .userInfo).first)
        var assertion = Judged(
            kind: "assertion",
            token: try #require(token.form["client_assertion"]),
            algorithm: key.algorithm,
            expected: ["iss": client.id, "sub": client.id, "aud": provider.issuer]
        )
        assertion.key = key.publicJWK.compactMapValues(\.stringValue)
        let proofs = try [(token, "POST"), (userInfo, "GET")].map { request, method in
            var proof = Judged(
                kind: "proof",
                token: try #require(request.request.header("DPoP")),
                algorithm: key.algorithm,
                expected: ["htm": method, "htu": request.request.url]
            )
            proof.thumbprint = signingKey.thumbprint
            if method == "GET" { proof.accessToken = accessToken }
            return proof
        }
        return [assertion] + proofs
    }

    private func sharedSecret() async throws -> Judged {
        var client = ScriptedClient()
        client.authenticationMethod = "client_secret_jwt"
        client.secret = "pässwörd of thirty-two bytes or more"
        let provider = ScriptedProvider(client: client)
        _ = try await login(provider) { _ in }
        var judged = Judged(
            kind: "assertion",
            token: try #require(provider.requests(to: .token).first?.form["client_assertion"]),
            algorithm: "HS256",
            expected: ["iss": client.id, "sub": client.id, "aud": provider.issuer]
        )
        judged.secret = client.secret
        return judged
    }

    /// A login; the access token that it brought.
    private func login(
        _ provider: ScriptedProvider,
        adjust: (inout ProviderConfiguration.Options) -> Void
    ) async throws -> String {
        let relyingParty = try provider.relyingParty(adjust: adjust)
        let request = try await relyingParty.authorizationRequest()
        let callback = try await relyingParty.validatedCallback(
            CallbackParameters(query: try provider.authorize(request.url).query),
            expecting: ExpectedCallback(state: request.state, issuer: request.issuer, redirectURI: request.redirectURI)
        )
        let tokens = try await relyingParty.exchange(
            callback,
            codeVerifier: request.codeVerifier,
            nonce: request.nonce
        )
        let subject = tokens.claims.subject
        _ = try await relyingParty.userInfo(accessToken: tokens.accessToken, expectedSubject: subject)
        return tokens.accessToken.reveal()
    }
}
