import HTTPTypes
import HummingbirdTesting
import LoginFlow
import Patience
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import TestSupport
import Testing

@Suite("A Postgres that is silent, or turns connections away")
struct BlackHoleTests {
    @Test("RB-10 RX-01 with every connection hanging, requests end in 503, and all is well when the wire is back")
    func blackHole() async throws {
        try await FaultSite.run(patience: .seconds(1)) { fault in
            let browser = Browser(fault.http)
            try await browser.signIn(fault.site.provider)
            let cookies = browser.cookies
            fault.proxy.weather = .blackHole
            try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for number in 0..<60 {
                    let path = ["/session", "/login", "/health/ready", "/"][number % 4]
                    group.addTask { try await Browser(fault.http, cookies: cookies).get(path) }
                }
                for try await response in group {
                    #expect(response.status == .serviceUnavailable)
                    #expect(!response.text.contains("alice"))
                }
            }
            #expect(try await browser.get("/health/live").status == .ok)
            let made = fault.proxy.accepted
            fault.proxy.weather = Weather()
            try await fault.waitUntilReady()
            #expect(try await browser.whoAmI() == "alice-1")
            #expect(try await browser.post("/logout").status == .seeOther)
            // Sixty requests made no connection of their own.
            #expect(made <= 20, "\(made)")
        }
    }

    @Test("RB-11 RV-10 a door that is closed is knocked at now and then, not by each request")
    func refused() async throws {
        try await FaultSite.run(patience: .milliseconds(500)) { fault in
            let browser = Browser(fault.http)
            try await browser.signIn(fault.site.provider)
            fault.proxy.weather = .refusing
            fault.proxy.cutAll()
            let made = fault.proxy.accepted
            for _ in 0..<4 {
                try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                    for _ in 0..<100 { group.addTask { try await Browser(fault.http).get("/health/ready").status } }
                    for try await status in group { #expect(status == .serviceUnavailable) }
                }
            }
            // 400 requests, five connections: each at once, after 50 ms, 100 ms, 200 ms, …, and then every two seconds.
            #expect(fault.proxy.accepted - made <= 100, "\(fault.proxy.accepted - made)")
            fault.proxy.weather = Weather()
            try await fault.waitUntilReady()
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }
}

extension FaultSite {
    /// Waits until the database answers the site.
    func waitUntilReady() async throws {
        try await eventually("the site is ready") { try await Browser(http).get("/health/ready").status == .ok }
    }
}
