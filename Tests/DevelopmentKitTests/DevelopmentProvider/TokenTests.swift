import Crypto
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import WireText

@testable import DevelopmentProvider

@Suite struct TokenTests {
    @Test("a login gives tokens whose claims fit together, signed by the published key")
    func tokens() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            let body = try await browser.tokens()
            #expect(body.tokenType == "Bearer")
            #expect(body.expiresIn == 300)
            let key = try harness.signingKey()
            #expect(try await browser.get("/jwks").text.contains(key.id))
            let claims = try #require(
                JSONWebToken.claims(IDTokenClaims.self, of: body.idToken, type: .identity, signedBy: key)
            )
            let now = Int(harness.clock.now.timeIntervalSince1970)
            #expect(claims.iss == ProviderHarness.issuer)
            #expect(claims.aud == "app")
            #expect(claims.sub == "user-ada")
            #expect(claims.nonce == "n0nce")
            #expect(claims.authTime == now)
            #expect(claims.exp == now + 300)
            #expect(claims.user.email == "ada@example.com")
            let digest = SHA256.hash(data: Array(body.accessToken.utf8))
            #expect(claims.atHash == Base64URL.encode(Array(digest.prefix(16))))
        }
    }

    @Test("a token of one type is not taken for another, although one key signs both")
    func types() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            let key = try harness.signingKey()
            let token = try await browser.tokens().idToken
            let claims = try #require(
                JSONWebToken.claims(IDTokenClaims.self, of: token, type: .identity, signedBy: key)
            )
            let other = try JSONWebToken.signed(claims, type: .access, by: key)
            #expect(JSONWebToken.claims(IDTokenClaims.self, of: other, type: .identity, signedBy: key) == nil)
        }
    }

    @Test("the three ways to authenticate work, each for its kind of client")
    func authentication() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let basic = Data("app:\(FormCoding.encode("s3cret/+:"))".utf8).base64EncodedString()
            let bare = TestBrowser.exchange(try await browser.code(), ["client_id": "", "client_secret": ""])
            #expect(try await browser.post("/token", bare, headers: [.authorization: "Basic \(basic)"]).status == .ok)
            #expect(try await browser.post("/token", TestBrowser.exchange(try await browser.code())).status == .ok)
            let phone = ["client_id": "phone", "redirect_uri": "http://127.0.0.1:8090/cb", "client_secret": ""]
            let code = try await browser.code(phone)
            #expect(try await browser.post("/token", TestBrowser.exchange(code, phone)).status == .ok)
        }
    }

    @Test(
        "a client that does not prove itself is refused, and its code stays good for who does",
        arguments: [
            ["client_secret": "wrong"], ["client_secret": ""], ["client_id": "nobody"], ["client_id": ""],
            ["client_id": "phone"],
        ]
    )
    func clientRefusals(changes: [String: String]) async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let code = try await browser.code()
            let response = try await browser.post("/token", TestBrowser.exchange(code, changes))
            #expect(response.status == .unauthorized)
            #expect(response.errorCode == "invalid_client")
            #expect(response.headers[.wwwAuthenticate] != nil)
            #expect(try await browser.post("/token", TestBrowser.exchange(code)).status == .ok)
        }
    }

    @Test("a client that authenticates in two ways is refused")
    func twoWays() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let basic = Data("app:\(FormCoding.encode("s3cret/+:"))".utf8).base64EncodedString()
            let form = TestBrowser.exchange(try await browser.code())
            let response = try await browser.post("/token", form, headers: [.authorization: "Basic \(basic)"])
            #expect(response.errorCode == "invalid_request")
        }
    }

    @Test(
        "a code is bound to its redirect URI and verifier, and a wrong try spends it",
        arguments: [
            ["code_verifier": String(repeating: "w", count: 43)], ["code_verifier": ""],
            ["code_verifier": ProviderHarness.challenge], ["redirect_uri": ""],
            ["redirect_uri": "http://127.0.0.1:8080/callback?tenant=a"],
        ]
    )
    func grantRefusals(changes: [String: String]) async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let code = try await browser.code()
            let response = try await browser.post("/token", TestBrowser.exchange(code, changes))
            #expect(response.status == .badRequest)
            #expect(response.errorCode == "invalid_grant")
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(try await browser.post("/token", TestBrowser.exchange(code)).errorCode == "invalid_grant")
        }
    }

    @Test("another client can't use a code")
    func otherClient() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let phone = ["client_id": "phone", "client_secret": ""]
            let response = try await browser.post("/token", TestBrowser.exchange(try await browser.code(), phone))
            #expect(response.errorCode == "invalid_grant")
        }
    }

    @Test("an old code is refused")
    func oldCode() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            let code = try await browser.code()
            harness.clock.advance(by: .seconds(60))
            #expect(try await browser.post("/token", TestBrowser.exchange(code)).errorCode == "invalid_grant")
        }
    }

    @Test("a code that is used twice takes back what it gave the first time")
    func replay() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let form = TestBrowser.exchange(try await browser.code())
            let first: TokenBody = try await browser.post("/token", form).decoded()
            let bearer: HTTPFields = [.authorization: "Bearer \(first.accessToken)"]
            #expect(try await browser.get("/userinfo", headers: bearer).status == .ok)
            #expect(try await browser.post("/token", form).errorCode == "invalid_grant")
            #expect(try await browser.get("/userinfo", headers: bearer).status == .unauthorized)
            #expect(try await browser.refresh(first.refreshToken).errorCode == "invalid_grant")
        }
    }

    @Test("of many exchanges of one code at the same time one gets tokens")
    func concurrentExchange() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let form = TestBrowser.exchange(try await browser.code())
            let good = try await withThrowingTaskGroup { group in
                for _ in 0..<16 { group.addTask { try await browser.post("/token", form).status == .ok } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(good == 1)
        }
    }

    @Test(
        "a form that makes no sense is refused",
        arguments: [
            ("grant_type=password&client_id=phone", "unsupported_grant_type"),
            ("client_id=phone", "unsupported_grant_type"),
            ("grant_type=authorization_code&client_id=phone", "invalid_request"),
            ("grant_type=refresh_token&client_id=phone", "invalid_request"),
            ("grant_type=refresh_token&client_id=phone&client_id=phone", "invalid_request"),
            ("grant_type=%zz", "invalid_request"), ("grant_type=%ff", "invalid_request"),
            ("grant_type=%+1", "invalid_request"),
        ]
    )
    func malformed(form: String, error: String) async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
            let response = try await browser.send("/token", .post, headers: headers, body: form)
            #expect(response.errorCode == error)
            let plain: HTTPFields = [.contentType: "text/plain"]
            #expect(try await browser.send("/token", .post, headers: plain, body: form).errorCode == "invalid_request")
        }
    }
}
