import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import SessionServer
import Sessions
import Testing

@Suite("Where pages lead, and what they keep")
struct LinkTests {
    @Test(
        "PR-04 PR-05 PR-14 RD-13 whatever leads somewhere takes the one validator: paths of this origin, by default",
        arguments: [
            "//evil.example", "/\\evil.example", "https://evil.example", "https://app.example@evil.example",
            "https://app.example.evil.example", "/%09/evil.example", "javascript:alert(document.domain)//evil.example",
        ]
    )
    func producers(target: String) async throws {
        let encoded = WireForm.encode([("return_to", target)])
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            let signedIn = try await browser.signIn(site.provider, login: "/login?" + encoded)
            #expect(signedIn.location == "/")
            let elsewhere: HTTPFields = [
                .secFetchSite: "cross-site", .secFetchMode: "navigate", .secFetchDest: "document",
            ]
            let asked = try await browser.get("/login?" + encoded, elsewhere)
            #expect(asked.status == .ok && !asked.text.contains("evil"))
            for page in ["/", "/session", "/logout", "/logged-out"] {
                let response = try await browser.get(page + "?" + encoded)
                #expect(!response.text.contains("evil") && response.location == nil, "\(page)")
            }
            let denied = try await browser.visitProvider(
                site.provider,
                login: "/login?" + encoded,
                error: "access_denied"
            )
            let failed = try await browser.get("/callback?" + denied.query + "&" + encoded)
            #expect(!failed.text.contains("evil"))
            let left = try await browser.post("/logout?" + encoded, form: encoded)
            #expect(left.status == .seeOther && left.location?.contains("evil") == false)
        }
    }

    @Test(
        "PR-22 the page of a callback that failed gives the unused code to nobody: no link, image or referrer outside"
    )
    func unusedCode() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let code = try #require(answer["code"])
            let spoilt = [
                answer.replacing("state", by: Base64URL.random(32)), answer.replacing("state", by: nil),
                answer.replacing("iss", by: "https://evil.example"), answer.replacing("error", by: "server_error"),
            ]
            for answer in spoilt {
                let page = try await browser.get("/callback?" + answer.query)
                #expect(page.status.code >= 400)
                #expect(!page.text.contains(code) && page.location == nil)
                for mark in ["http:", "https:", "src=", "<script", "<iframe", "url("] {
                    #expect(!page.text.contains(mark))
                }
                #expect(page.headers[.referrerPolicy] == "no-referrer")
                #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
                #expect(page.headers[.cacheControl] == "no-store")
            }
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test("PS-15 the cookie of a started login is a name for it and nothing else")
    func loginCookie() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            let started = try await browser.get("/login?return_to=/secret-place")
            let parameters = WireForm(try #require(started.location?.split(separator: "?").last.map(String.init)))
            let cookie = try #require(started.cookies.first)
            let halves = cookie.value.split(separator: ".")
            #expect(halves.count == 2 && PendingLoginID(String(halves[0])) != nil)
            // The time, by which the oldest gives way.
            #expect(halves.last.flatMap { Int($0, radix: 16) } != nil)
            for (name, value) in parameters.fields where value.utf8.count > 8 {
                #expect(!cookie.value.contains(value) && !cookie.name.contains(value), "\(name)")
            }
        }
    }

    @Test("PS-13 a second sign-in that is given up leaves the session as it was, and the login spent")
    func cancelled() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let cookies = browser.cookies
            let denied = try await browser.visitProvider(site.provider, error: "access_denied")
            #expect(try await browser.get("/callback?" + denied.query).status == .forbidden)
            #expect(browser.cookies == cookies)
            #expect(try await browser.whoAmI() == "alice-1")
            // With a code in it after all, the state is worth nothing any more.
            let code = denied.replacing("error", by: nil).replacing("code", by: Base64URL.random())
            _ = try await browser.get("/callback?" + code.query)
            #expect(site.provider.requests(to: .token).count == 1)
            #expect(browser.cookies == cookies)
        }
    }
}
