import Foundation
import HTTPTypes
import HummingbirdTesting
import OpenIDConnect
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
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
}
