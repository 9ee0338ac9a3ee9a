import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Sessions
import Testing

@testable import SessionServer

@Suite("Cookies")
struct CookieTests {
    static let attributes = ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"]

    @Test("CK-01 CK-10 cookies are host-only, secure, out of reach of scripts, and never cached")
    func attributes() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let started = try await browser.get("/login")
            let login = try #require(started.cookies.first)
            #expect(login.name.hasPrefix(Site.loginPrefix))
            #expect(login.attributes == ["Max-Age=600"] + Self.attributes)

            let answer = try site.provider.authorize(try #require(started.location))
            let callback = try await browser.get("/callback?" + answer.query)
            let session = try #require(callback.cookie(Site.sessionCookie))
            #expect(session.attributes == ["Max-Age=2592000"] + Self.attributes)
            #expect(SessionID(session.value) != nil)
            let logout = try await browser.post("/logout")
            for response in [started, callback, logout] {
                #expect(response.headers[.cacheControl] == "no-store")
            }
        }
    }

    @Test(
        "CK-03 two cookies of our name are nobody's; a name in other letters is another cookie",
        arguments: [
            ("ID; ID", false), ("ID; \u{61}=b; ID2", false), ("HOST; ID", true), ("ID", true),
            ("other=1; ID; more=2", true), ("ID;ID", false), ("ID; empty", false), ("quoted", false),
        ]
    )
    func duplicates(shape: String, isSignedIn: Bool) async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let id = try #require(browser.cookies[Site.sessionCookie])
            let header =
                shape
                .replacing("HOST", with: "__hOsT-oidc_session=\(Base64URL.random(32)); __HOST-oidc_session=x")
                .replacing("ID2", with: "\(Site.sessionCookie)=\(Base64URL.random(32))")
                .replacing("ID", with: "\(Site.sessionCookie)=\(id)")
                .replacing("empty", with: "\(Site.sessionCookie)=")
                .replacing("quoted", with: "\(Site.sessionCookie)=\"\(id)\"")
            let response = try await Browser(client).get("/session", [.cookie: header, .accept: "application/json"])
            #expect(response.status == (isSignedIn ? .ok : .unauthorized))
        }
    }

    @Test(
        "CK-03 a value with bytes that no cookie has counts as one that was planted, alone or beside a good one",
        arguments: ["ours=a\u{301}", "ours=a b", "ours=good; ours=a\u{301}"]
    )
    func impossibleValues(field: String) {
        #expect(RequestCookies([.cookie: field]) { _ in true }["ours"] == .ambiguous)
        #expect(RequestCookies([.cookie: field + "; other=good"]) { _ in true }["other"] == .one("good"))
    }

    @Test("CK-03 two Cookie fields are read as one")
    func twoFields() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let id = try #require(browser.cookies[Site.sessionCookie])
            let fields = ["\(Site.sessionCookie)=\(id)", "\(Site.sessionCookie)=\(Base64URL.random(32))"]
            for order in [fields, fields.reversed()] {
                var headers: HTTPFields = [.accept: "application/json"]
                headers[values: .cookie] = order
                #expect(try await Browser(client).get("/session", headers).status == .unauthorized)
            }
        }
    }

    @Test(
        "CK-05 PD-01 PD-10 no Cookie field is too strange to be answered",
        arguments: [
            "", ";", ";;;;", "=", "=x", "x", "x=", "a=b;", "; ; =; ==;", "\u{1F36A}=\u{1F36A}", "a=\"b", "a=b\tc",
            "__Host-oidc_session", "__Host-oidc_session=", "__Host-oidc_session==", "__Host-oidc_session=;=",
            "__Host-oidc_session=%00", "__Host-oidc_session=' OR 1=1 --", "__Host-oidc_session=é",
            "__Host-oidc_login_=", "__Host-oidc_login_x=y", "__Host-oidc_session_1of10000000000=x",
            "__Host-oidc_login_1of10000000000=x", "__Host-oidc_login_x=\(Base64URL.random(32)).99999999999999999999",
            String(repeating: "a=b; ", count: 5000),
        ]
    )
    func strange(header: String) async throws {
        try await Site.inMemory { _, client in
            let response = try await Browser(client).get("/session", [.cookie: header, .accept: "application/json"])
            #expect(response.status == .unauthorized)
            #expect(try await Browser(client).get("/login", [.cookie: header]).status == .seeOther)
        }
    }

    @Test("CK-05 a name beyond ASCII is no cookie's: as a key, one of combining marks takes quadratic time")
    func combiningMarks() {
        let marks = String(repeating: "\u{0301}\u{0323}", count: 8000)
        let cookies = RequestCookies([.cookie: "login_\(marks)=x; login_a=b; login_a b=d; login_é=e"]) {
            $0.starts(with: "login_".utf8)
        }
        #expect(Array(cookies.names) == ["login_a"])
    }

    @Test("CK-05 64 KB of cookies are 431, with a page that says what to do")
    func tooLarge() async throws {
        try await Site.inMemory { site, _ in
            // Through a socket and the real parser.
            try await site.application.application.test(.live) { client in
                let header = String(repeating: "a=b; ", count: 64 * 1024 / 5)
                let response = try await Browser(client).get("/", [.cookie: header])
                #expect(response.status == .requestHeaderFieldsTooLarge)
                #expect(response.text.contains("delete the cookies"))
                #expect(try await Browser(client).get("/").status == .ok)
            }
        }
    }

    @Test("CK-06 CK-07 what we set is small and lives 400 days at most")
    func bounds() async throws {
        var policy = SessionPolicy()
        policy.absoluteLifetime = .seconds(1000 * 86_400)
        let chosen = policy
        try await Site.inMemory { options in
            options.policy = chosen
        } _: { site, client in
            let response = try await Browser(client).signIn(site.provider)
            let session = try #require(response.cookie(Site.sessionCookie))
            #expect(session.attributes.first == "Max-Age=34560000")
            for field in response.headers[values: .setCookie] { #expect(field.utf8.count < 256) }
        }
    }

    @Test("CK-08 CK-14 500 abandoned logins leave five cookies, the newest, and no name is set twice")
    func abandoned() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            var last: [AuthorizationAnswer] = []
            for _ in 0..<500 {
                let response = try await browser.get("/login")
                let names = response.cookies.map(\.name)
                #expect(Set(names).count == names.count)
                last.append(try site.provider.authorize(try #require(response.location)))
            }
            #expect(browser.cookies.count == 5)
            let newest = try #require(last.last)
            #expect(try await browser.get("/callback?" + newest.query).status == .seeOther)
        }
    }

    @Test("CK-08 the oldest login gives way, by its own time and not by its place in the header")
    func oldestGoes() throws {
        let settings = ServerSettings(baseURL: try #require(BaseURL("https://app.example")))
        let jar = CookieJar(settings: settings, policy: SessionPolicy())
        let times = [5, 3, 9, 1, 7, 2]
        let header = times.map { "\(Site.loginPrefix)\($0)=\(Base64URL.random(32)).\($0)" }.joined(separator: "; ")
        let cookies = jar.cookies(of: [.cookie: header])
        #expect(jar.evicted(cookies, sparing: "none").sorted() == [1, 2].map { "\(Site.loginPrefix)\($0)" })
    }

    @Test("CK-09 logout deletes the cookie that was set: same name, path and attributes")
    func deletion() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            let set = try await browser.signIn(site.provider).cookie(Site.sessionCookie)
            let cleared = try await browser.post("/logout").cookie(Site.sessionCookie)
            #expect(cleared?.value == "")
            #expect(cleared?.attributes == ["Max-Age=0"] + Self.attributes)
            #expect(cleared?.attributes.dropFirst() == set?.attributes.dropFirst())
        }
    }

    @Test("CK-12 form post without https is refused at the start")
    func formPostNeedsHTTPS() async throws {
        await #expect(throws: LoginError.self) {
            try await Site.inMemory { options in
                options.baseURL = "http://localhost:8080"
                options.configure = { $0.responseMode = .formPost }
                options.providers = [Self.loopbackProvider]
            } _: { _, _ in
            }
        }
    }

    @Test("CK-13 on a loopback host the names have no prefix and the cookies no Secure")
    func loopback() async throws {
        try await Site.inMemory { options in
            options.baseURL = "http://localhost:8080"
            options.providers = [Self.loopbackProvider]
        } _: { site, client in
            let browser = Browser(client)
            let response = try await browser.signIn(site.provider)
            let cookie = try #require(response.cookie("oidc_session"))
            #expect(cookie.attributes.dropFirst() == ["Path=/", "HttpOnly", "SameSite=Lax"])
            #expect(response.headers[.strictTransportSecurity] == nil)
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test(
        "CK-13 plain http is for loopback hosts alone, and a base URL is an origin",
        arguments: [
            ("https://app.example", "https://app.example"), ("https://APP.example/", "https://app.example"),
            ("https://app.example:443", "https://app.example"),
            ("https://app.example:8443", "https://app.example:8443"),
            ("http://localhost:8080", "http://localhost:8080"), ("http://127.0.0.1", "http://127.0.0.1"),
            ("http://[::1]:80", "http://[::1]"), ("http://app.localhost:1", "http://app.localhost:1"),
            ("http://app.example", nil), ("http://10.0.0.1", nil), ("http://127.0.0.1.example", nil),
            ("https://app.example/path", nil), ("https://user@app.example", nil), ("https://", nil),
            ("https://app.example:0", nil), ("https://app.example:99999", nil), ("https://app.example?x", nil),
            ("ftp://app.example", nil), ("app.example", nil), ("https://a b", nil), ("https://é.example", nil),
        ]
    )
    func baseURL(text: String, origin: String?) {
        #expect(BaseURL(text)?.origin == origin)
    }

    static var loopbackProvider: ScriptedProvider {
        var registered = ScriptedClient()
        registered.redirectURIs = ["http://localhost:8080/callback"]
        return ScriptedProvider(issuer: "http://localhost:9000", client: registered)
    }
}
