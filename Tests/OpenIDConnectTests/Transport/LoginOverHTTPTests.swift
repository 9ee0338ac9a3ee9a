import NIOCore
import NIOHTTP1
import OpenIDConnect
import OpenIDConnectTransport
import ScriptedProvider
import Synchronization
import Testing

@Suite("A login over HTTP")
struct LoginOverHTTPTests {
    /// The provider, which can be made only when its port is known.
    private final class Door: Sendable {
        let provider = Mutex<ScriptedProvider?>(nil)

        func answer(_ request: LocalServer.Request, on channel: any Channel) {
            guard let provider = provider.withLock({ $0 }) else { return }
            let forwarded = HTTPTransportRequest(
                method: request.head.method == .POST ? .post : .get,
                url: provider.issuer + request.head.uri,
                headers: request.head.headers.map { ($0.name, $0.value) },
                body: request.body
            )
            Task {
                let response = try await provider.send(forwarded)
                channel.answer(
                    "\(response.status) X",
                    headers: response.headers.map { "\($0.name): \($0.value)" },
                    body: String(decoding: response.body, as: UTF8.self)
                )
            }
        }
    }

    @Test(
        "CF-01 CF-18 CF-36 login, userinfo and refresh work on the wire as they do in process",
        arguments: ["client_secret_basic", "client_secret_post", "none"]
    )
    func login(_ method: String) async throws {
        let door = Door()
        try await LocalServer.with { request, channel in
            door.answer(request, on: channel)
        } body: { server in
            var client = ScriptedClient()
            client.authenticationMethod = method
            client.secret = "s:%+ é"
            let provider = ScriptedProvider(issuer: "http://127.0.0.1:\(server.port)", client: client)
            door.provider.withLock { $0 = provider }
            try await HTTPClientTransport.withTransport { transport in
                let relyingParty = RelyingParty(
                    configuration: try provider.configuration(),
                    transport: transport,
                    logger: .silent
                )
                let browser = Browser(provider: provider, relyingParty: relyingParty)
                let (tokens, userInfo) = try await browser.login()
                #expect(userInfo.profile["name"] == "Alice")
                let refreshed = try await relyingParty.refresh(
                    try #require(tokens.refreshToken),
                    of: RefreshableLogin(issuer: provider.issuer, subject: "alice-1")
                )
                #expect(refreshed.claims?.subject == "alice-1")

                provider.rotateKeys(to: [ScriptedKey("RS256", kid: "next")])
                try await browser.login(as: .mallory)
            }
            #expect(provider.requests(to: .stray).isEmpty)
            #expect(server.connections == 1)
        }
    }
}
