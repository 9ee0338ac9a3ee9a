import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Request to the token endpoint")
struct TokenRequestTests {
    private static func client(_ method: String, id: String = "client-1", secret: String = "s3cret") -> ScriptedClient {
        var client = ScriptedClient()
        client.authenticationMethod = method
        client.id = id
        client.secret = secret
        return client
    }

    @Test(
        "CF-18 CI-06 the client proves itself in the registered way",
        arguments: ["client_secret_basic", "client_secret_post", "none"]
    )
    func authentication(_ method: String) async throws {
        let provider = ScriptedProvider(client: Self.client(method))
        try await Browser(provider).login()
        let sent = try #require(provider.requests(to: .token).first)
        #expect((sent.request.header("Authorization") != nil) == (method == "client_secret_basic"))
        #expect((sent.form["client_secret"] != nil) == (method == "client_secret_post"))
        #expect(sent.form["client_id"] == (method == "client_secret_basic" ? nil : "client-1"))
        #expect(!sent.request.url.contains("?"))
    }

    @Test("CF-18 without a setting the metadata decides, Basic first")
    func chosenByMetadata() async throws {
        for (offered, expected) in [
            (["client_secret_post", "client_secret_basic"], "client_secret_basic"),
            (["private_key_jwt", "client_secret_post"], "client_secret_post"), (nil, "client_secret_basic"),
        ] as [(JSONValue?, String)] {
            let provider = ScriptedProvider(client: Self.client(expected))
            provider.misbehave(.metadata("token_endpoint_auth_methods_supported", offered))
            try await Browser(provider) { $0.authenticationMethod = nil }.login()
        }
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("token_endpoint_auth_methods_supported", ["private_key_jwt"]))
        let error = await (try Browser(provider) { $0.authenticationMethod = nil }).loginError()
        #expect(error?.code == .metadataInvalid)
        #expect(provider.requests(to: .token).isEmpty)
    }

    @Test(
        "ID-30 client id and secret of any characters survive Basic and the form",
        arguments: ["a:b", "100%", "a+b c", "pässwörd", "&=;,/?", "%3A", "\"\\", "日本"],
        ["client_secret_basic", "client_secret_post"]
    )
    func strangeSecrets(_ secret: String, _ method: String) async throws {
        let provider = ScriptedProvider(client: Self.client(method, id: "https://client.example/a b", secret: secret))
        try await Browser(provider).login()
    }

    @Test("CI-02 CI-03 the redirect URI and the verifier are those of the login")
    func repeatsLogin() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        let answer = try provider.authorize(request.url)
        _ = try await browser.exchange(answer.query, for: request)
        let form = try #require(provider.requests(to: .token).first?.form)
        #expect(form["grant_type"] == "authorization_code")
        #expect(form["code"] == answer["code"])
        #expect(form["redirect_uri"] == WireForm.ofQuery(request.url)["redirect_uri"])
        #expect(form["code_verifier"] == request.codeVerifier.reveal())
        #expect(form.fields.count == 4)
    }

    @Test("A rejected secret shows in no printed form of the error")
    func rejectedSecret() async throws {
        let provider = ScriptedProvider(client: Self.client("client_secret_basic", secret: "right"))
        let configuration = try ProviderConfiguration(
            name: "n",
            issuer: provider.issuer,
            clientID: "client-1",
            clientSecret: Secret("wrong-secret"),
            redirectURI: "https://app.example/callback"
        )
        let relyingParty = RelyingParty(configuration: configuration, transport: provider, logger: .silent)
        let request = try await relyingParty.authorizationRequest()
        let query = try provider.authorize(request.url).query
        let callback = try await relyingParty.validatedCallback(
            CallbackParameters(query: query),
            expecting: request.expectation
        )
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await relyingParty.exchange(callback, codeVerifier: request.codeVerifier, nonce: request.nonce)
        }
        #expect(error?.code == .clientRejected)
        let sent = try #require(provider.requests(to: .token).first?.request)
        var dumped = ""
        dump(sent, to: &dumped)
        dump(callback, to: &dumped)
        for text in ["\(sent)", String(reflecting: sent), String(reflecting: error), dumped] {
            #expect(!text.contains("wrong-secret") && !text.contains(request.codeVerifier.reveal()))
        }
    }
}
