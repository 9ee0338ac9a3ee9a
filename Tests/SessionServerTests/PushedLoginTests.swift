import HTTPTypes
import HummingbirdTesting
import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Logins at a provider that wants them pushed")
struct PushedLoginTests {
    @Test(
        "Beyond eight at once a login is 503 at once, and callbacks go through meanwhile",
        .timeLimit(.minutes(1))
    )
    func bounded() async throws {
        try await Site.inMemory {
            $0.configure = { $0.pushedAuthorization = .always }
        } _: { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let gate = site.provider.hold(.pushedRequest)
            try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for _ in 0..<8 { group.addTask { try await Browser(client).get("/login").status } }
                try await gate.arrived(8)
                let page = try await Browser(client).get("/login")
                #expect(page.status == .serviceUnavailable && page.headers[.retryAfter] == "2")
                #expect(page.cookies.isEmpty)
                let json = try await Browser(client, accept: "application/json").get("/login")
                #expect(json.json["error"] == "too_many_logins" && json.headers[.retryAfter] == "2")
                #expect(try await browser.get("/callback?" + answer.query).status == .seeOther)
                #expect(try await browser.whoAmI() == "alice-1")
                gate.open()
                for try await status in group { #expect(status == .seeOther) }
            }
            #expect(site.provider.requests(to: .pushedRequest).count == 9)
            #expect(try await Browser(client).get("/login").status == .seeOther)
        }
    }
}
