import HTTPTypes
import HummingbirdTesting
import Logging
import OpenIDConnect
import ScriptedProvider
import SessionServer
import Testing

/// Answers of which only the state says anything, and answers that come another way than was asked for.
@Suite("Callbacks that can't be taken")
struct UnreadableCallbackTests {
    @Test(
        "CB-06 CB-08 an answer that can't be read uses its login up, and leads back to where that was going",
        arguments: [
            "&error=" + String(repeating: "a", count: 600), "&error=x&error=y", "&iss=https%3A%2F%2Fop.example",
            "&code=other", "&%63ode=other", "&error_description=%00", "&x=%zz",
            (0..<65).map { "&p\($0)=1" }.joined(),
        ]
    )
    func usesUp(addition: String) async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider, login: "/login?return_to=/reports")
            let before = browser.cookies
            let response = try await browser.get("/callback?" + answer.query + addition)
            #expect(response.status == .badRequest && response.text.contains("invalid_callback"))
            #expect(response.text.contains("return_to=/reports"))
            #expect(!browser.cookies.keys.contains { $0.hasPrefix(Site.loginPrefix) })

            let thief = Browser(client, cookies: before, accept: "application/json")
            let again = try await thief.get("/callback?" + answer.query)
            #expect(again.status == .badRequest && again.json["error"] == "login_not_found")
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test(
        "CB-06 CB-08 an answer whose state isn't there once and readable costs nobody a login",
        arguments: ["", "&state=", "&st%61te=", "&state=%zz", "&state=%00"]
    )
    func leavesAlone(addition: String) async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            // Twice the same is twice as well.
            let twice = addition.hasSuffix("=") ? addition + (answer["state"] ?? "") : addition
            let changed = addition.isEmpty ? answer.replacing("state", by: nil).query + "&code=x" : answer.query + twice
            #expect(try await browser.get("/callback?" + changed).status == .badRequest)
            #expect(try await browser.get("/callback?" + answer.query).status == .seeOther)
        }
    }

    @Test("CB-02 CB-08 an answer that can't be read costs no other browser's login")
    func otherBrowser() async throws {
        try await Site.run { site, client in
            let (browser, other) = (Browser(client), Browser(client))
            let answer = try await browser.visitProvider(site.provider)
            _ = try await other.visitProvider(site.provider)
            let response = try await other.get("/callback?" + answer.query + "&error=x&error=y")
            #expect(response.status == .badRequest)
            #expect(try await browser.get("/callback?" + answer.query).status == .seeOther)
        }
    }

    @Test("CB-18 CB-20 a code in the query that was to be posted is refused, uses the login up, and the log says why")
    func unaskedQuery() async throws {
        let lines = SecrecyTests.Lines()
        try await Site.run { options in
            options.configure = { $0.responseMode = .formPost }
            options.logger = Logger(label: "test") { _ in lines }
        } _: { site, client in
            let browser = Browser(client, accept: "application/json")
            let answer = try await browser.visitProvider(site.provider)
            let before = browser.cookies
            let response = try await browser.get("/callback?" + answer.query)
            #expect(response.status == .badGateway && response.json["error"] == "response_mode_mismatch")
            #expect(response.cookie(Site.sessionCookie) == nil)
            #expect(lines.all.contains { $0.contains("callback_response_mode") && $0.contains("form_post") })

            let crossSite: HTTPFields = [.origin: "https://op.example", .secFetchSite: "cross-site"]
            let thief = Browser(client, cookies: before)
            #expect(try await thief.post("/callback", crossSite, form: answer.query).status == .badRequest)
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test(
        "CB-20 an error that was to be posted is one in the query too, and uses the login up",
        arguments: [false, true]
    )
    func unaskedQueryError(hasCode: Bool) async throws {
        try await Site.run { options in
            options.configure = { $0.responseMode = .formPost }
        } _: { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let before = browser.cookies
            let refusal = answer.replacing("error", by: "access_denied")
            let sent = hasCode ? refusal : refusal.replacing("code", by: nil)
            #expect(try await browser.get("/callback?" + sent.query).status == .forbidden)
            let thief = Browser(client, cookies: before)
            let crossSite: HTTPFields = [.origin: "https://op.example", .secFetchSite: "cross-site"]
            #expect(try await thief.post("/callback", crossSite, form: answer.query).status == .badRequest)
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }
}
