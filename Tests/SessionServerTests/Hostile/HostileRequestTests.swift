import HTTPTypes
import HummingbirdTesting
import LoginFlow
import ScriptedProvider
import SessionServer
import Testing

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
}
