import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Sessions
import TestSupport
import Testing

@testable import SessionServer

@Suite("Requests that no browser sends")
struct HostileRequestTests {
    static let paths = [
        "/", "/login", "/callback", "/logout", "/logged-out", "/session", "/sessions", "/oidc-sessions.css",
        "/health/live", "/health/ready", "/openapi.json", "/api/admin/sessions", "/api/admin/sessions/stats",
        "/api/cron/cleanup-sessions", "/nowhere",
    ]

    @Test(
        "PD-11 a query of separators, or one that can't be decoded, is answered on every route",
        arguments: ["", "&", "=", "&&=", "=&=", "iss=", "iss", "%", "%zz", "a=%", "%00=%00", "&&&&iss&&=&", "?", "+"]
    )
    func queries(query: String) async throws {
        try await Site.inMemory { _, client in
            for path in Self.paths {
                let response = try await Browser(client).get(path + "?" + query)
                #expect(response.status.code < 500, "\(path)")
                #expect(response.cookie(Site.sessionCookie) == nil)
            }
        }
    }

    @Test(
        "PS-20 a field that can't be decoded is answered on every route",
        arguments: [
            (HTTPField.Name.authorization, "Bearer %zz"), (.authorization, "Bearer"), (.authorization, "Bearer \u{e9}"),
            (.authorization, "Basic %%%"), (.authorization, "%"), (.authorization, " "),
            (.cookie, "__Host-oidc_session=%"), (.cookie, "__Host-oidc_session=%zz"), (.cookie, "%zz=%zz; %"),
            (.cookie, "__Host-oidc_login_%zz=%"), (.origin, "%"), (.accept, "%;q=,;"), (.contentType, "%/%;;="),
            (.known("Forwarded"), "for=%;;,="), (.known("X-Forwarded-For"), "%, ,,[::"), (.secFetchSite, "%"),
            (.ifNoneMatch, "%"), (.range, "bytes=9-1"), (.acceptLanguage, "%"), (.known("X-Request-Id"), "%\u{e9}"),
        ]
    )
    func fields(name: HTTPField.Name, value: String) async throws {
        try await Site.inMemory { _, client in
            for path in Self.paths {
                for method in [HTTPRequest.Method.get, .post] {
                    let response = try await Browser(client).send(method, path, [name: value])
                    #expect(response.status.code < 500, "\(method) \(path)")
                    #expect(response.cookie(Site.sessionCookie) == nil)
                }
            }
        }
    }

    @Test(
        "PS-05 CK-10 nothing that a signed-in browser gets may be kept in a cache, but the stylesheet and descriptions"
    )
    func caches() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            for path in Self.paths {
                for method in [HTTPRequest.Method.get, .head] {
                    let response = try await browser.send(method, path)
                    let isKept = response.headers[.cacheControl]?.contains("no-store") != true
                    #expect(!isKept || ["/oidc-sessions.css", "/openapi.json"].contains(path), "\(method) \(path)")
                    #expect(!isKept || response.cookies.isEmpty)
                }
            }
            for path in ["/session/refresh", "/sessions/revoke-others", "/logout"] {
                let response = try await browser.post(path)
                #expect(response.headers[.cacheControl] == "no-store", "\(path)")
            }
        }
    }

    @Test(
        "BF-01 BF-02 every route that changes something wants a request of our own origin, whichever route comes next"
    )
    func crossSite() async throws {
        try await Site.inMemory { site, client in
            let routes = try SessionRoutes(flow: site.flow, settings: site.settings)
            let changing = routes.endpoints.filter { ![.get, .head].contains($0.method) && $0.surface == nil }
            #expect(changing.count >= 5)
            let elsewhere: [HTTPFields] = [
                [:], [.origin: "https://evil.example", .secFetchSite: "cross-site"],
                [.origin: "https://sibling.app.example", .secFetchSite: "same-site"], [.origin: "null"],
                [.known("X-HTTP-Method-Override"): "GET", .contentType: "text/plain"],
            ]
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let handle = try #require(
                try await browser.get("/session", [.accept: "application/json"]).json["session"]
            )
            // Providers send these from where they are: the answer of a login, and the notice of a logout.
            for endpoint in changing where !["/callback", "/backchannel-logout"].contains(endpoint.path) {
                let path = endpoint.path.replacing(#/\{[a-z]+\}/#, with: handle)
                for headers in elsewhere {
                    let response = try await browser.send(endpoint.method, path, headers, body: "a=b")
                    #expect(response.status == .forbidden, "\(endpoint.method) \(path)")
                }
            }
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test("RV-02 a thousand made-up cookies make no row and no session")
    func guesses() async throws {
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await site.application.application.test(.router) { client in
                for _ in 0..<1000 {
                    let guess = Browser(client, cookies: [Site.sessionCookie: Base64URL.random(32)])
                    let subject = try await guess.whoAmI()
                    #expect(subject == nil)
                }
            }
            #expect(try await StoredRows.count(in: database) == 0)
        }
    }

    @Test("RV-08 five thousand groups fail the login with a clear answer, five hundred don't", arguments: [500, 5000])
    func groups(count: Int) async throws {
        try await Site.run { options in
            options.configure = { $0.usesUserInfo = true }
        } _: { site, client in
            site.provider.misbehave(
                .userInfoClaim("groups", .array((0..<count).map { .string("group-\($0)-of-many") }))
            )
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let response = try await browser.get("/callback?" + answer.query, [.accept: "application/json"])
            if count == 500 {
                #expect(response.status == .seeOther)
                let session = try await browser.get("/session", [.accept: "application/json"])
                #expect((session.jsonObject["roles"] as? [String])?.count == count)
            } else {
                #expect(response.status == .badGateway)
                #expect(response.json["error"] == "profile_too_large")
            }
        }
    }
}
