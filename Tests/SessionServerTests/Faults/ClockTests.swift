import Foundation
import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("A replica with a wrong clock")
struct ClockTests {
    /// The time, so many seconds off.
    private struct WrongClock: WallClock {
        let seconds: TimeInterval

        func now() -> Date { Date().addingTimeInterval(seconds) }

        func uptime() -> Duration { SystemWallClock().uptime() }
    }

    @Test(
        "RK-01 RK-04 five minutes off, it serves and ends sessions as others do, and forgives no ID token",
        arguments: [300, -300]
    )
    func fiveMinutes(_ seconds: Int) async throws {
        let provider = ScriptedProvider()
        try await TestDatabase.shared.withClient { client in
            var options = Site.Options()
            options.providers = [provider]
            let right = try Site(store: try Site.store(client), options)
            options.clock = WrongClock(seconds: TimeInterval(seconds))
            let wrong = try Site(store: try Site.store(client), options)
            try await right.application.application.test(.router) { rightly in
                try await wrong.application.application.test(.router) { wrongly in
                    // A session of the one is a session of the other, and over for both when it is over.
                    let browser = Browser(rightly)
                    try await browser.signIn(provider)
                    let elsewhere = Browser(wrongly, cookies: browser.cookies)
                    #expect(try await elsewhere.whoAmI() == "alice-1")

                    // Behind, an ID token is from the future; ahead, it ends in this minute, and is good till then.
                    let other = Browser(wrongly)
                    let answer = try await other.visitProvider(provider, as: .mallory)
                    let status = try await other.get("/callback?" + answer.query).status
                    #expect(status == (seconds < 0 ? .badGateway : .seeOther))
                    #expect(try await other.whoAmI() == (seconds < 0 ? nil : "mallory-1"))
                    provider.misbehave(.idTokenClaim("exp", .integer(Int64(Date().timeIntervalSince1970) + 200)))
                    let third = Browser(wrongly)
                    let late = try await third.visitProvider(provider)
                    #expect(try await third.get("/callback?" + late.query).status == .badGateway)
                    provider.misbehave()

                    #expect(try await elsewhere.post("/logout").status == .seeOther)
                    #expect(try await browser.whoAmI() == nil)
                }
            }
        }
    }

    @Test("RK-02 when the program's clock goes back an hour, sessions stay what they were, and no ID token is believed")
    func backwards() async throws {
        let start = Date()
        let clock = ManualClock(start)
        try await Site.run {
            $0.clock = clock
            $0.providers = [ScriptedProvider(clock: ManualClock(start))]
        } _: { site, client in
            let (stays, leaves, comes) = (Browser(client), Browser(client), Browser(client))
            for browser in [stays, leaves] { try await browser.signIn(site.provider) }
            let left = Browser(client, cookies: leaves.cookies)
            #expect(try await leaves.post("/logout").status == .seeOther)

            clock.step(by: -3600)
            #expect(try await stays.whoAmI() == "alice-1")
            #expect(try await left.whoAmI() == nil)
            let answer = try await comes.visitProvider(site.provider)
            #expect(try await comes.get("/callback?" + answer.query).status == .badGateway)
            // New tokens come with an ID token from the future: they are dropped, and the session lives.
            let id = try #require(stays.cookies[Site.sessionCookie].flatMap { SessionID($0) })
            let before = try #require(try await site.manager.getSession(id, touch: false)?.accessToken)
            let fresh = try #require(try await site.flow.refresh(id))
            #expect(fresh.accessToken?.reveal() == before.reveal())
            #expect(site.provider.requests(to: .token).count == 4)

            clock.step(by: 3600)
            try await comes.signIn(site.provider)
            #expect(try await stays.whoAmI() == "alice-1")
            // What was fetched is judged by how long ago that was, not by what the clock said.
            #expect(site.provider.requests(to: .discovery).count == 1)
            #expect(site.provider.requests(to: .keys).count == 1)
        }
    }
}
