import Foundation
import HTTPTypes
import HummingbirdTesting
import OpenIDConnect
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import Testing

@testable import LoginFlow

@Suite("Taking tokens back")
struct RevocationTests {
    private func revoked(_ provider: ScriptedProvider) -> [String] {
        provider.requests(to: .revocation).compactMap { $0.form["token_type_hint"] }
    }

    @Test("RL-02 at sign-out the refresh token is taken back, and nothing else")
    func signOut() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            #expect(try await browser.post("/logout").status == .seeOther)
            await site.flow.refresher.finishRevocations()
            #expect(revoked(site.provider) == ["refresh_token"])
        }
    }

    @Test("Nothing is taken back while the user has another session, which the provider may end with it")
    func shared() async throws {
        try await Site.run { site, client in
            let (laptop, phone, stranger) = (Browser(client), Browser(client), Browser(client))
            for browser in [laptop, phone] { try await browser.signIn(site.provider) }
            try await stranger.signIn(site.provider, as: ScriptedUser(subject: "bob-2"))
            #expect(try await laptop.post("/logout").status == .seeOther)
            await site.flow.refresher.finishRevocations()
            #expect(site.provider.requests(to: .revocation).isEmpty)
            #expect(try await phone.post("/logout").status == .seeOther)
            await site.flow.refresher.finishRevocations()
            #expect(revoked(site.provider) == ["refresh_token"], "the last one's, whoever else is signed in")
        }
    }

    @Test("RL-02 sign-out waits for no revocation: a provider that hangs there keeps nobody waiting, nor signed in")
    func hanging() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let gate = site.provider.hold(.revocation)
            #expect(try await browser.post("/logout").status == .seeOther)
            #expect(try await browser.whoAmI() == nil)
            try await gate.arrived()
            gate.open()
        }
    }

    @Test("Without a revocation endpoint, or with the setting off, nothing is asked", arguments: 0..<2)
    func notOffered(index: Int) async throws {
        try await Site.run {
            $0.configure = { if index == 1 { $0.revokesTokens = false } }
        } _: { site, client in
            if index == 0 { site.provider.misbehave(.metadata("revocation_endpoint", nil)) }
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            #expect(try await browser.post("/logout").status == .seeOther)
            await site.flow.refresher.finishRevocations()
            #expect(site.provider.requests(to: .revocation).isEmpty && site.provider.requests(to: .stray).isEmpty)
        }
    }

    @Test(
        "RO-11 a failure at the revocation endpoint changes nothing about the sign-out",
        arguments: [
            .answer(.revocation, .json(["error": "unsupported_token_type"], status: 400)),
            .answer(.revocation, HTTPTransportResponse(status: 503)), .failure(.revocation, .notConnected),
            .failure(.revocation, .timedOut),
        ] as [Misbehaviour]
    )
    func refused(misbehaviour: Misbehaviour) async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            site.provider.misbehave(misbehaviour)
            #expect(try await browser.post("/logout").status == .seeOther)
            await site.flow.refresher.finishRevocations()
            #expect(revoked(site.provider) == ["refresh_token"], "each is asked for once")
            #expect(try await browser.whoAmI() == nil)
        }
    }

    @Test("RC-07 tokens that come for a session that has ended meanwhile are dropped, and the refresh token taken back")
    func duringRefresh() async throws {
        try await RefreshSite.run { refresh in
            refresh.nearEnd()
            let gate = refresh.provider.hold(.token)
            let id = try refresh.id()
            async let answer = refresh.refresh()
            try await gate.arrived()
            #expect(try await refresh.site.manager.deleteSession(id))
            gate.open()
            #expect(try await answer.status == .unauthorized)
            await refresh.site.flow.refresher.finishRevocations()
            #expect(revoked(refresh.provider) == ["refresh_token"])
            let issued = refresh.provider.requests(to: .token).count
            #expect(issued == 1)
        }
    }

    @Test("RC-01 the tokens of a login whose userinfo fails are left to expire: the grant may be other logins' too")
    func unfinished() async throws {
        try await Site.inMemory {
            $0.configure = { $0.usesUserInfo = true }
        } _: { site, client in
            site.provider.misbehave(.failure(.userInfo, .notConnected))
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            #expect(try await browser.get("/callback?" + answer.query).status == .badGateway)
            await site.flow.refresher.finishRevocations()
            #expect(site.provider.requests(to: .revocation).isEmpty)
        }
    }

    @Test(
        "Of more sign-outs than wait at a provider that hangs, the rest is given up, and so is all at shutdown",
        arguments: [true, false]
    )
    func bounds(shutsDown: Bool) async throws {
        var pacing = RevocationPacing()
        pacing.maximumAtOnce = 2
        pacing.maximumWaiting = 3
        // None is left for taking long, which would make room for the next.
        pacing.limit = .seconds(600)
        let chosen = pacing
        try await Site.inMemory {
            $0.revocationPacing = chosen
        } _: { site, client in
            let gate = site.provider.hold(.revocation)
            for number in 0..<8 {
                let browser = Browser(client)
                try await browser.signIn(site.provider, as: ScriptedUser(subject: "user-\(number)"))
                #expect(try await browser.post("/logout").status == .seeOther)
                // From the third on they wait, and from the sixth on there is no room to wait.
                if number == 1 { try await gate.arrived(2) }
            }
            #expect(site.provider.requests(to: .revocation).count == 2)
            if shutsDown { site.flow.refresher.revoker.giveUp() }
            gate.open()
            await site.flow.refresher.finishRevocations()
            #expect(site.provider.requests(to: .revocation).count == (shutsDown ? 2 : 5))
        }
    }
}
