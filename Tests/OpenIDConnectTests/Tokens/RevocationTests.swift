import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Revocation of tokens")
struct RevocationTests {
    @Test("A token that was taken back is worth nothing any more", arguments: TokenKind.allCases)
    func revokes(_ kind: TokenKind) async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        let token = kind == .accessToken ? tokens.accessToken : try #require(tokens.refreshToken)
        #expect(try await browser.relyingParty.revoke(token, kind: kind))
        let form = try #require(provider.requests(to: .revocation).first?.form)
        #expect(form.fields.map(\.name) == ["token", "token_type_hint"])
        #expect(form["token_type_hint"] == kind.rawValue)
        let error = await #expect(throws: OpenIDConnectError.self) {
            switch kind {
            case .accessToken:
                _ = try await browser.relyingParty.userInfo(accessToken: token, expectedSubject: "alice-1")
            case .refreshToken:
                let login = RefreshableLogin(issuer: provider.issuer, subject: "alice-1")
                _ = try await browser.relyingParty.refresh(token, of: login)
            }
        }
        #expect(error?.code == (kind == .accessToken ? .userInfoUnauthorized : .grantRejected))
        // RFC 7009 section 2.2: what is gone already is gone.
        #expect(try await browser.relyingParty.revoke(token, kind: kind))
    }

    @Test("CI-08 nothing is sent to a provider that says of no such endpoint, or when the configuration says no")
    func notAskedFor() async throws {
        let provider = ScriptedProvider()
        #expect(try await !provider.relyingParty { $0.revokesTokens = false }.revoke(Secret("t"), kind: .accessToken))
        provider.misbehave(.metadata("revocation_endpoint", nil))
        #expect(try await !provider.relyingParty().revoke(Secret("t"), kind: .accessToken))
        #expect(provider.requests.allSatisfy { $0.endpoint == .discovery })
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let response: HTTPTransportResponse
        let code: OpenIDConnectError.Code?
    }

    @Test(
        "An answer that is no success is an error, which does not hold the token",
        arguments: [
            Answer(
                testDescription: "unsupported_token_type",
                response: .json(["error": "unsupported_token_type"], status: 400),
                code: .revocationRejected
            ),
            Answer(
                testDescription: "invalid_client",
                response: .json(["error": "invalid_client"], status: 401),
                code: .clientRejected
            ),
            Answer(
                testDescription: "503 for a while",
                response: HTTPTransportResponse(status: 503, headers: [("Retry-After", "7")]),
                code: .providerUnavailable
            ),
            Answer(testDescription: "404", response: HTTPTransportResponse(status: 404), code: .revocationRejected),
            Answer(
                testDescription: "a redirect",
                response: HTTPTransportResponse(status: 302, headers: [("Location", "https://evil.example/")]),
                code: .revocationRejected
            ),
            Answer(testDescription: "202", response: HTTPTransportResponse(status: 202), code: .revocationRejected),
            Answer(testDescription: "204", response: HTTPTransportResponse(status: 204), code: nil),
        ]
    )
    func answers(_ answer: Answer) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.answer(.revocation, answer.response))
        let relyingParty = try provider.relyingParty()
        var failure: OpenIDConnectError?
        do {
            #expect(try await relyingParty.revoke(Secret("marked-token"), kind: .refreshToken))
        } catch {
            failure = error as? OpenIDConnectError
        }
        #expect(failure?.code == answer.code)
        #expect(failure?.retryAfter == (answer.response.status == 503 ? .seconds(7) : nil))
        #expect(!String(reflecting: failure).contains("marked-token"))
        #expect(provider.requests(to: .revocation).count == 1)
        #expect(provider.requests(to: .stray).isEmpty)
    }
}
