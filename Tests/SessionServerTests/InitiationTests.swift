import Foundation
import HTTPTypes
import HummingbirdTesting
import OpenIDConnect
import ScriptedProvider
import SessionServer
import Testing

@Suite("Logins that others begin, and what a link may ask for")
struct InitiationTests {
    private static let crossSite: HTTPFields = [
        .secFetchSite: "cross-site", .secFetchMode: "navigate", .secFetchDest: "document",
    ]

    private func run(_ body: @Sendable (Site, Browser) async throws -> Void) async throws {
        try await Site.inMemory {
            $0.settings = { $0.allowsThirdPartyLogin = true }
        } _: { site, client in
            try await body(site, Browser(client))
        }
    }

    private func parameter(_ name: String, of response: TestResponse) throws -> String? {
        let location = try #require(response.location)
        return URLComponents(string: location)?.queryItems?.first { $0.name == name }?.value
    }

    @Test("CF-39 a link with the issuer starts a login there, and it goes where the link says")
    func byLink() async throws {
        try await run { site, browser in
            let uri = "/login/initiate?iss=https://op.example&target_link_uri=https%3A%2F%2Fapp.example%2Finbox%3Fa%3D1"
            let started = try await browser.get(uri + "&login_hint=alice", Self.crossSite)
            #expect(started.status == .seeOther)
            #expect(try parameter("login_hint", of: started) == "alice")
            let answer = try site.provider.authorize(try #require(started.location))
            let response = try await browser.get("/callback?" + answer.query)
            #expect(response.location == "/inbox?a=1")
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test("CF-39 a form does the same, by way of the link")
    func byForm() async throws {
        try await run { site, browser in
            let form = "iss=https://op.example&login_hint=al%20ice&target_link_uri=/inbox&evil=1"
            let sent = try await browser.post("/login/initiate", Self.crossSite, form: form)
            let link = "/login/initiate?iss=https%3A%2F%2Fop.example&target_link_uri=%2Finbox&login_hint=al%20ice"
            #expect(sent.location == link)
            #expect(sent.cookies.isEmpty)
            let started = try await browser.get(try #require(sent.location), Self.crossSite)
            #expect(started.location?.hasPrefix("https://op.example/authorize?") == true)
        }
    }

    @Test("It is off unless it is switched on")
    func off() async throws {
        try await Site.inMemory { _, client in
            let response = try await Browser(client).get("/login/initiate?iss=https://op.example")
            #expect(response.status == .notFound)
        }
    }

    @Test(
        "AR-16 an issuer that isn't configured leads nowhere",
        arguments: [
            "", "iss=", "iss=https://evil.example", "iss=http://op.example", "iss=https://op.example%23x",
            "iss=https://op.example/", "iss=HTTPS://op.example", "iss=https://op.example&iss=https://op.example",
            "iss=https://op.example&iss=https://evil.example", "iss=%zz",
        ]
    )
    func unknownIssuer(query: String) async throws {
        try await run { site, browser in
            let link = try await browser.get("/login/initiate?" + query, Self.crossSite)
            let form = try await browser.post("/login/initiate", Self.crossSite, form: query)
            for response in [link, form] {
                #expect(response.status == .badRequest && response.location == nil && response.cookies.isEmpty)
            }
            #expect(site.provider.requests.isEmpty)
        }
    }

    @Test(
        "AR-17 a target elsewhere is dropped",
        arguments: [
            "https://evil.example/", "//evil.example", "https://app.example@evil.example/", "https://app.example.evil/",
            "https://app.example:8443/x", "http://app.example/x", "javascript:alert(1)", "https://app.example//evil",
            "https://app.example/%5cevil", "https://app.example/logout", "/login/initiate?iss=https://op.example",
            "https://APP.example/x",
        ]
    )
    func target(link: String) async throws {
        try await run { site, browser in
            let encoded = link.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let uri = "/login/initiate?iss=https://op.example&target_link_uri=" + encoded
            let started = try await browser.get(uri, Self.crossSite)
            let answer = try site.provider.authorize(try #require(started.location))
            #expect(try await browser.get("/callback?" + answer.query).location == "/")
        }
    }

    @Test("AR-18 nothing begins in a frame, and none of the pages may be framed")
    func frame() async throws {
        try await run { _, browser in
            for destination in ["iframe", "frame", "image", "script", "empty"] {
                let headers: HTTPFields = [.secFetchSite: "cross-site", .secFetchDest: destination]
                let response = try await browser.get("/login/initiate?iss=https://op.example", headers)
                #expect(response.status == .forbidden)
                #expect(response.headers[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") == true)
            }
        }
    }

    @Test(
        "AR-18 nor by a script: what says how it is fetched has to be a page load, whatever it says of its destination",
        arguments: ["cors", "no-cors", "same-origin", "websocket", "nested-navigate"]
    )
    func script(mode: String) async throws {
        try await run { _, browser in
            for destination in [nil, "document"] {
                var headers: HTTPFields = [.secFetchSite: "cross-site", .secFetchMode: mode]
                headers[.secFetchDest] = destination
                for path in ["/login", "/login/initiate?iss=https://op.example"] {
                    let response = try await browser.get(path, headers)
                    #expect(response.status == .forbidden)
                }
            }
        }
    }

    @Test("AR-19 a hint that no provider needs is left out", arguments: 0..<4)
    func hint(index: Int) async throws {
        let hints = [
            String(repeating: "x", count: 257), "a%0d%0aSet-Cookie:%20x=1", "", "a&login_hint=b",
        ]
        try await run { _, browser in
            let uri = "/login/initiate?iss=https://op.example&login_hint=" + hints[index]
            let started = try await browser.get(uri, Self.crossSite)
            #expect(started.status == .seeOther)
            #expect(try parameter("login_hint", of: started) == nil)
        }
    }

    @Test("AR-07 whoever is signed in is asked first, and stays signed in", arguments: [true, false])
    func signedIn(saysWhence: Bool) async throws {
        try await run { site, browser in
            try await browser.signIn(site.provider)
            let uri = "/login/initiate?iss=https://op.example&login_hint=mallory&target_link_uri=/x"
            let page = try await browser.get(uri, saysWhence ? Self.crossSite : [:])
            #expect(page.status == .ok && page.location == nil)
            #expect(page.text.contains("href=\"/login?return_to=/x&amp;provider=main&amp;login_hint=mallory\""))
            #expect(page.text.contains("href=\"/x\""))
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    // MARK: Parameters of /login

    @Test("AR-08 a link to /login asks the provider for nothing, unless the settings permit it")
    func notPermitted() async throws {
        try await Site.inMemory { _, client in
            let query = "login_hint=x&prompt=login&max_age=1&ui_locales=de&scope=admin&acr_values=a&claims=x&request=y"
            let started = try await Browser(client).get("/login?" + query)
            for name in ["login_hint", "prompt", "max_age", "ui_locales", "acr_values", "claims", "request"] {
                #expect(try parameter(name, of: started) == nil, "\(name)")
            }
            #expect(try parameter("scope", of: started) == "openid profile email")
        }
    }

    /// Query, what is configured, and what the provider is asked for.
    static let cases: [(query: String, prompt: [String], age: Int?, asked: [String: String?])] = [
        ("login_hint=alice&ui_locales=de%20en", [], nil, ["login_hint": "alice", "ui_locales": "de en"]),
        ("prompt=login", [], nil, ["prompt": "login"]),
        ("prompt=consent", ["login"], nil, ["prompt": "login consent"]),
        ("prompt=login", ["login"], nil, ["prompt": "login"]),
        ("prompt=none", ["login"], nil, ["prompt": "login"]),
        ("prompt=none", [], nil, ["prompt": nil]),
        ("prompt=none%20login", [], nil, ["prompt": "login"]),
        ("prompt=create", [], nil, ["prompt": nil]),
        ("prompt=login", ["none"], nil, ["prompt": "login"]),
        ("max_age=60", [], nil, ["max_age": "60"]),
        ("max_age=0", [], 300, ["max_age": "0"]),
        ("max_age=86400", [], 300, ["max_age": "300"]),
        ("max_age=-1", [], 300, ["max_age": "300"]),
        ("max_age=99999999999999999999", [], nil, ["max_age": nil]),
        ("max_age=1e3", [], nil, ["max_age": nil]),
        ("max_age=60&max_age=86400", [], 300, ["max_age": "300"]),
        ("acr_values=low", [], nil, ["acr_values": nil]),
    ]

    @Test("AR-08 AR-12 what a link may ask for never weakens what is configured", arguments: 0..<cases.count)
    func weakening(index: Int) async throws {
        let (query, prompt, age, asked) = Self.cases[index]
        try await Site.inMemory {
            $0.settings = { $0.loginParameters = Set(LoginParameter.allCases) }
            $0.configure = {
                $0.prompt = prompt
                $0.maximumAuthenticationAge = age.map { .seconds($0) }
            }
        } _: { _, client in
            let started = try await Browser(client).get("/login?" + query)
            for (name, value) in asked { #expect(try parameter(name, of: started) == value, "\(name)") }
        }
    }

    @Test("AR-12 the age that a link asked for is demanded of the ID token", arguments: [true, false])
    func age(isDemanded: Bool) async throws {
        try await Site.run {
            $0.settings = { $0.loginParameters = [.maximumAge] }
        } _: { site, client in
            let browser = Browser(client)
            let login = isDemanded ? "/login?max_age=60" : "/login"
            let answer = try await browser.visitProvider(site.provider, login: login)
            let longAgo = JSONValue.integer(Int64(Date().timeIntervalSince1970) - 3600)
            site.provider.misbehave(.idTokenClaim("auth_time", longAgo))
            let response = try await browser.get("/callback?" + answer.query)
            #expect(response.status == (isDemanded ? .badGateway : .seeOther))
        }
    }
}
