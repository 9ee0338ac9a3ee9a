import HTTPTypes
import HummingbirdTesting
import LoginFlow
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Faults on the way to Postgres")
struct WireFaultTests {
    @Test("RB-02 a session is read though the connection breaks at any byte of it", arguments: Snare.Moment.allCases)
    func read(_ moment: Snare.Moment) async throws {
        try await FaultSite.run { fault in
            let browser = Browser(fault.http)
            try await browser.signIn(fault.site.provider)
            let snare = fault.proxy.lay(LoginStatement.read.rawValue, moment, .cut)
            #expect(try await browser.whoAmI() == "alice-1")
            #expect(snare.isSprung)
        }
    }

    @Test("RB-03 a login that is cut off when it begins is begun again", arguments: Snare.Moment.allCases)
    func begin(_ moment: Snare.Moment) async throws {
        try await FaultSite.run { fault in
            let browser = Browser(fault.http)
            let snare = fault.proxy.lay(LoginStatement.begin.rawValue, moment, .cut)
            let response = try await browser.get("/login")
            response.expectUnavailable("\(moment)")
            #expect(browser.cookies.isEmpty)
            #expect(snare.isSprung)
            // Nobody has the key to what may have been written: it goes with the next cleaning.
            let rest = try await fault.database.count("sessions")
            #expect(rest == (moment.isAfterCommit ? 1 : 0))
            try await browser.signIn(fault.site.provider)
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test(
        "RC-01 RC-09 RB-03 a callback that is cut off when the login is taken never sends the code twice",
        arguments: Snare.Moment.allCases
    )
    func claim(_ moment: Snare.Moment) async throws {
        try await FaultSite.run { fault in
            let browser = Browser(fault.http)
            let answer = try await browser.visitProvider(fault.site.provider)
            let snare = fault.proxy.lay(LoginStatement.claim.rawValue, moment, .cut)
            try await browser.get("/callback?" + answer.query).expectUnavailable("\(moment)")
            #expect(snare.isSprung)
            #expect(fault.exchanges == 0)
            // The browser tries again: the login is still there, or it is over and another one can begin.
            let again = try await browser.get("/callback?" + answer.query)
            #expect(again.status == (moment.isAfterCommit ? .badRequest : .seeOther))
            #expect(fault.exchanges == (moment.isAfterCommit ? 0 : 1))
            #expect(try await browser.whoAmI() == (moment.isAfterCommit ? nil : "alice-1"))
            try await browser.signIn(fault.site.provider)
            #expect(try await browser.whoAmI() == "alice-1")
            #expect(try await fault.liveSessions(of: "alice-1") == 1)
        }
    }

    @Test(
        "RB-03 RC-12 a login that is cut off when its session is stored ends with exactly one session",
        arguments: Snare.Moment.allCases
    )
    func create(_ moment: Snare.Moment) async throws {
        try await FaultSite.run { fault in
            let browser = Browser(fault.http)
            let answer = try await browser.visitProvider(fault.site.provider)
            let snare = fault.proxy.lay(LoginStatement.create.rawValue, moment, .cut)
            let response = try await browser.get("/callback?" + answer.query)
            #expect(response.status == .seeOther, "\(response.text)")
            #expect(snare.isSprung)
            #expect(fault.exchanges == 1)
            #expect(try await fault.liveSessions(of: "alice-1") == 1)
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test("RB-03 a session whose storing was cut off while it waited, and went on alone, is the one of the cookie")
    func createWhileWaiting() async throws {
        try await FaultSite.run { fault in
            let browser = Browser(fault.http)
            let answer = try await browser.visitProvider(fault.site.provider)
            let waiters = "pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"
            try await fault.database.withDedicatedConnection { holder in
                try await holder.execute(
                    script: """
                        BEGIN;
                        SELECT pg_advisory_xact_lock(session_user_lock('', '\(fault.site.provider.issuer)', 'alice-1'))
                        """
                )
                async let callback = browser.get("/callback?" + answer.query)
                try await fault.database.wait(for: 1, waiters)
                // The server goes on with what nobody waits for any more, and so there are two of them.
                fault.proxy.cutAll()
                try await fault.database.wait(for: 2, waiters)
                try await holder.execute(script: "COMMIT")
                let response = try await callback
                #expect(response.status == .seeOther, "\(response.text)")
            }
            #expect(fault.exchanges == 1)
            #expect(try await browser.whoAmI() == "alice-1")
            #expect(try await fault.liveSessions(of: "alice-1") == 1)
        }
    }

    @Test("RB-03 a sign-out that is cut off is done, or said to be not done", arguments: Snare.Moment.allCases)
    func end(_ moment: Snare.Moment) async throws {
        try await FaultSite.run { fault in
            let browser = Browser(fault.http)
            try await browser.signIn(fault.site.provider)
            let cookies = browser.cookies
            let snare = fault.proxy.lay(LoginStatement.end.rawValue, moment, .cut)
            let response = try await browser.post("/logout")
            #expect(snare.isSprung)
            if response.status == .seeOther {
                #expect(try await fault.liveSessions(of: "alice-1") == 0)
            } else {
                response.expectUnavailable("\(moment)")
                browser.cookies = cookies
                #expect(try await browser.post("/logout").status == .seeOther)
            }
            #expect(try await Browser(fault.http, cookies: cookies).whoAmI() == nil)
        }
    }

    @Test(
        "RC-04 RB-03 new tokens are stored once, though the connection breaks at any byte of storing them",
        arguments: Snare.Moment.allCases
    )
    func refresh(_ moment: Snare.Moment) async throws {
        try await FaultSite.run { fault in
            let browser = Browser(fault.http)
            try await browser.signIn(fault.site.provider)
            let id = try #require(browser.cookies[Site.sessionCookie].flatMap { SessionID($0) })
            let before = try #require(try await fault.site.manager.getSession(id)?.accessToken)
            let snare = fault.proxy.lay("refreshed_at = clock_timestamp()", moment, .cut)
            let refreshed = try await fault.site.flow.refresh(id)
            #expect(snare.isSprung)
            #expect(fault.exchanges == 2)
            let stored = try #require(try await fault.site.manager.getSession(id))
            #expect(stored.accessToken?.reveal() != before.reveal())
            #expect(refreshed?.accessToken?.reveal() == stored.accessToken?.reveal())
            // The next one has a token that the provider still knows.
            #expect(try await fault.site.flow.refresh(id) != nil)
            #expect(fault.exchanges == 3)
        }
    }

    @Test("RB-12 everything works when it comes byte by byte", arguments: FaultProxy.Door.allCases)
    func sliced(_ door: FaultProxy.Door) async throws {
        try await FaultSite.run(door: door) { fault in
            fault.proxy.weather = .sliced
            fault.proxy.cutAll()
            let browser = Browser(fault.http)
            try await browser.signIn(fault.site.provider)
            #expect(try await browser.whoAmI() == "alice-1")
            let id = try #require(browser.cookies[Site.sessionCookie].flatMap { SessionID($0) })
            #expect(try await fault.site.flow.refresh(id) != nil)
            #expect(try await fault.site.manager.getAllSessions().sessions.count == 1)
            #expect(try await browser.post("/logout").status == .seeOther)
            #expect(try await browser.whoAmI() == nil)
        }
    }
}
