import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ScriptedProvider
import SessionServer
import Sessions
import TestSupport
import Testing

/// The routes inside somebody else's application, with a context of its own.
@Suite("Embedding")
struct EmbeddingTests {
    struct AppContext: SessionRequestContext {
        var coreContext: CoreRequestContextStorage
        var session: Session?

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
        }
    }

    private func withApp(
        options: RouterOptions = [],
        _ body: @Sendable (Site, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await Site.inMemory { site, _ in
            let routes = try SessionRoutes(flow: site.flow, settings: site.settings)
            let router = Router(context: AppContext.self, options: options)
            routes.addLoginRoutes(to: router)
            router.get("/") { _, _ in "public" }
            let attached = router.group().add(middleware: routes.attachSession())
            attached.get("/maybe") { _, context in context.session?.subject ?? "nobody" }
            let members = attached.group().add(middleware: routes.requireSession())
            members.get("/members/:page") { _, context in context.session?.subject ?? "" }
            members.post("/members/:page") { _, context in context.session?.subject ?? "" }
            members.get("/secret") { _, _ in "protected words" }
            members.get("/cached") { _, _ in
                Response(status: .ok, headers: [.cacheControl: "private, max-age=60"])
            }
            let app = Application(router: router, logger: TestDatabase.silentLogger)
            try await app.test(.router) { try await body(site, $0) }
        }
    }

    @Test("BF-05 PS-22 a page load is sent to sign in and comes back; everything else gets 401")
    func required() async throws {
        try await withApp { site, client in
            let browser = Browser(client)
            let sent = try await browser.get("/members/1?tab=a%20b&x=/y")
            #expect(sent.status == .seeOther)
            #expect(sent.headers[.cacheControl] == "no-store")
            let login = try #require(sent.location)
            #expect(login == "/login?return_to=/members/1%3Ftab%3Da%2520b%26x%3D/y")
            #expect(try await browser.signIn(site.provider, login: login).location == "/members/1?tab=a%20b&x=/y")
            let page = try await browser.get("/members/1")
            #expect(page.text == "alice-1")
            #expect(page.headers[.cacheControl] == "no-store")
            #expect(try await browser.get("/cached").headers[.cacheControl] == "private, max-age=60")

            let stranger = Browser(client)
            #expect(try await stranger.get("/members/1", [.accept: "*/*"]).status == .unauthorized)
            #expect(try await stranger.post("/members/1").status == .unauthorized)
            let fetched = try await stranger.get("/members/1", [.secFetchMode: "cors", .secFetchDest: "empty"])
            #expect(fetched.status == .unauthorized)
            for headers in [[:], [.accept: "*/*"], [.accept: "application/json"]] as [HTTPFields] {
                #expect(!(try await stranger.get("/secret", headers).text.contains("protected")))
            }
            #expect(try await browser.get("/secret").text == "protected words")
            #expect(try await stranger.get("/maybe").text == "nobody")
            #expect(try await browser.get("/maybe").text == "alice-1")
        }
    }

    @Test(
        "RD-07 PR-11 a protected address that is no destination is not come back to",
        arguments: ["//members/1", "/members//1"]
    )
    func doubleSlash(path: String) async throws {
        try await withApp { _, client in
            let sent = try await Browser(client).get(path)
            #expect(sent.status == .seeOther)
            #expect(sent.location == "/login")
        }
    }

    @Test("CB-17 a router that answers HEAD for every GET finishes no login by it")
    func generatedHead() async throws {
        try await withApp(options: .autoGenerateHeadEndpoints) { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            #expect(try await browser.send(.head, "/callback?" + answer.query).status == .methodNotAllowed)
            #expect(try await browser.send(.head, "/login").status == .methodNotAllowed)
            #expect(try await browser.get("/callback?" + answer.query).status == .seeOther)
        }
    }
}
