import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import DevelopmentProvider

@Suite struct RefreshTests {
    @Test("a refresh gives new tokens of the same login, without the nonce")
    func rotation() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            let first = try await browser.tokens()
            let key = try harness.signingKey()
            let before = JSONWebToken.claims(IDTokenClaims.self, of: first.idToken, type: .identity, signedBy: key)
            harness.clock.advance(by: .seconds(301))
            let second: TokenBody = try await browser.refresh(first.refreshToken).decoded()
            let after = JSONWebToken.claims(IDTokenClaims.self, of: second.idToken, type: .identity, signedBy: key)
            #expect(second.refreshToken != first.refreshToken)
            #expect(after?.nonce == nil)
            #expect(after?.sid == before?.sid)
            #expect(after?.authTime == before?.authTime)
            #expect(after?.exp == before.map { $0.exp + 301 })
            #expect(try await browser.refresh(second.refreshToken).status == .ok)
        }
    }

    @Test("a spent refresh token ends the whole family")
    func reuse() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let first = try await browser.tokens()
            let second: TokenBody = try await browser.refresh(first.refreshToken).decoded()
            #expect(try await browser.refresh(first.refreshToken).errorCode == "invalid_grant")
            #expect(try await browser.refresh(second.refreshToken).errorCode == "invalid_grant")
        }
    }

    @Test("a made-up token harms nobody")
    func forged() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let tokens = try await browser.tokens()
            let family = try #require(tokens.refreshToken.split(separator: ".").first)
            for forged in ["x", "\(family).x", "\(family)", "."] {
                #expect(try await browser.refresh(forged).errorCode == "invalid_grant")
            }
            let phone = ["client_id": "phone", "client_secret": ""]
            #expect(try await browser.refresh(tokens.refreshToken, phone).errorCode == "invalid_grant")
            #expect(try await browser.refresh(tokens.refreshToken).status == .ok)
        }
    }

    @Test("scope narrows, never widens, and asking for more does not spend the token")
    func scope() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let tokens = try await browser.tokens()
            let wider = try await browser.refresh(tokens.refreshToken, ["scope": "openid groups"])
            #expect(wider.errorCode == "invalid_scope")
            let narrower: TokenBody = try await browser.refresh(tokens.refreshToken, ["scope": "openid"]).decoded()
            let bearer: HTTPFields = [.authorization: "Bearer \(narrower.accessToken)"]
            #expect(try await browser.get("/userinfo", headers: bearer).text == #"{"sub":"user-ada"}"#)
        }
    }

    @Test("key and grants outlive a restart, and the files are their owner's alone")
    func restart() async throws {
        let harness = ProviderHarness(makesItsOwnKey: true)
        defer { harness.remove() }
        let kept = SettableValue<TokenBody>()
        try await harness.run { kept.set(try await $0.tokens()) }
        try await harness.run { browser in
            let tokens = try #require(kept.value)
            let bearer: HTTPFields = [.authorization: "Bearer \(tokens.accessToken)"]
            #expect(try await browser.get("/userinfo", headers: bearer).status == .ok)
            #expect(try await browser.refresh(tokens.refreshToken).status == .ok)
        }
        for name in ["signing-key.pem", "state.json"] {
            let path = harness.directory.appendingPathComponent(name).path
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        let state = try String(contentsOf: harness.directory.appendingPathComponent("state.json"), encoding: .utf8)
        #expect(!state.contains(try #require(kept.value).refreshToken))
    }

    @Test("a refresh token ends in time")
    func expiry() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            let tokens = try await browser.tokens()
            harness.clock.advance(by: .seconds(30 * 24 * 3600))
            #expect(try await browser.refresh(tokens.refreshToken).errorCode == "invalid_grant")
        }
    }
}
