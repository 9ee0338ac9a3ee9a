import Logging
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Pushed authorization requests")
struct PushedAuthorizationTests {
    private static var demandingClient: ScriptedClient {
        var client = ScriptedClient()
        client.pushesRequests = true
        return client
    }

    @Test(
        "CI-09 CI-10 the browser carries a reference, and the provider gets the rest",
        arguments: [PushedAuthorization.always, .automatic]
    )
    func pushes(_ setting: PushedAuthorization) async throws {
        let provider = ScriptedProvider(client: Self.demandingClient)
        provider.misbehave(.metadata("require_pushed_authorization_requests", .bool(setting == .automatic)))
        let browser = try Browser(provider) {
            $0.pushedAuthorization = setting
            $0.authorizationParameters = ["audience": "api"]
        }
        let request = try await browser.relyingParty.authorizationRequest(AuthorizationOptions(loginHint: "ada"))
        let url = WireForm.ofQuery(request.url)
        #expect(url.fields.map(\.name) == ["client_id", "request_uri"])
        #expect(!request.url.contains(request.state.reveal()))
        let pushed = try #require(provider.requests(to: .pushedRequest).first)
        #expect(
            pushed.form.fields.map(\.name) == [
                "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
                "code_challenge_method", "login_hint", "audience",
            ]
        )
        #expect(pushed.form["state"] == request.state.reveal())
        #expect(!String(decoding: pushed.request.body, as: UTF8.self).contains(request.codeVerifier.reveal()))
        #expect(pushed.request.header("Authorization")?.hasPrefix("Basic ") == true)
        let answer = try provider.authorize(request.url)
        #expect(try await browser.exchange(answer.query, for: request).claims.subject == "alice-1")
    }

    @Test("AR-13 each login has a reference of its own, which works once")
    func oneUse() async throws {
        let provider = ScriptedProvider(client: Self.demandingClient)
        let browser = try Browser(provider) { $0.pushedAuthorization = .always }
        let first = try await browser.relyingParty.authorizationRequest()
        let second = try await browser.relyingParty.authorizationRequest()
        #expect(WireForm.ofQuery(first.url)["request_uri"] != WireForm.ofQuery(second.url)["request_uri"])
        #expect(provider.requests(to: .pushedRequest).count == 2)
        _ = try provider.authorize(first.url)
        #expect(throws: ProviderRefusal.self) { try provider.authorize(first.url) }
        _ = try provider.authorize(second.url)
    }

    @Test("AR-15 a provider that demands pushed requests is not signed in at when they are off, or have no place")
    func demanded() async throws {
        let provider = ScriptedProvider()
        for (setting, endpoint, code) in [
            (.never, "https://op.example/par", .invalidConfiguration), (.automatic, nil, .metadataInvalid),
            (.always, nil, .metadataInvalid), (.automatic, "http://op.example/par", .metadataInvalid),
            (.always, "https://169.254.169.254/par", .metadataInvalid),
        ] as [(PushedAuthorization, JSONValue?, OpenIDConnectError.Code)] {
            provider.misbehave(
                .metadata("require_pushed_authorization_requests", true),
                .metadata("pushed_authorization_request_endpoint", endpoint)
            )
            let relyingParty = try provider.relyingParty { $0.pushedAuthorization = setting }
            let error = await #expect(throws: OpenIDConnectError.self) { try await relyingParty.authorizationRequest() }
            #expect(error?.code == code)
        }
        #expect(provider.requests.allSatisfy { $0.endpoint == .discovery })
    }

    @Test("CI-08 nothing is pushed to a provider that only offers it")
    func offered() async throws {
        for setting in [PushedAuthorization.automatic, .never] {
            let provider = ScriptedProvider()
            try await Browser(provider) { $0.pushedAuthorization = setting }.login()
            #expect(provider.requests(to: .pushedRequest).isEmpty)
        }
    }

    @Test("RO-02 clients of one directory share the room for pushes at a host", .timeLimit(.minutes(1)))
    func sharedRoom() async throws {
        let provider = ScriptedProvider()
        let configuration = try provider.configuration { $0.pushedAuthorization = .always }
        let directory = ProviderDirectory(transport: provider, clock: provider.clock)
        let clients = (0..<2).map { _ in
            RelyingParty(configuration: configuration, directory: directory, logger: .silent)
        }
        let gate = provider.hold(.pushedRequest)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await clients[0].authorizationRequest() } }
            try await gate.arrived(8)
            let error = await #expect(throws: OpenIDConnectError.self) {
                try await clients[1].authorizationRequest()
            }
            #expect(error?.code == .tooManyPushedRequests)
            gate.open()
            try await group.waitForAll()
        }
    }

    @Test("A push that fails makes room for the next one")
    func roomAfterFailures() async throws {
        let provider = ScriptedProvider()
        let relyingParty = try provider.relyingParty { $0.pushedAuthorization = .always }
        for trouble in [
            .failure(.pushedRequest, .timedOut), .answer(.pushedRequest, HTTPTransportResponse(status: 503)),
        ] as [Misbehaviour] {
            provider.misbehave(trouble)
            for _ in 0..<9 {
                let error = await #expect(throws: OpenIDConnectError.self) {
                    try await relyingParty.authorizationRequest()
                }
                #expect(error?.code == .providerUnavailable)
            }
        }
        provider.misbehave()
        _ = try await relyingParty.authorizationRequest()
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let response: HTTPTransportResponse
        let code: OpenIDConnectError.Code
        var providerError: String?

        init(
            _ name: String,
            status: Int = 201,
            _ body: JSONValue,
            _ code: OpenIDConnectError.Code = .pushedResponseInvalid,
            _ providerError: String? = nil
        ) {
            testDescription = name
            response = .json(body, status: status)
            self.code = code
            self.providerError = providerError
        }
    }

    private static let reference: JSONValue = "urn:ietf:params:oauth:request_uri:a"

    static let answers = [
        Answer("AR-14 200", status: 200, ["request_uri": reference, "expires_in": 60]),
        Answer("AR-14 a redirect", status: 302, ["request_uri": reference, "expires_in": 60]),
        Answer("AR-14 no request_uri", ["expires_in": 60]),
        Answer("AR-14 request_uri is a number", ["request_uri": 1, "expires_in": 60]),
        Answer("AR-14 request_uri is empty", ["request_uri": "", "expires_in": 60]),
        Answer("AR-14 request_uri with a space", ["request_uri": "urn: x", "expires_in": 60]),
        Answer(
            "AR-14 request_uri of 2049 bytes",
            ["request_uri": .string(String(repeating: "u", count: 2049)), "expires_in": 60]
        ),
        Answer("AR-14 no expires_in", ["request_uri": reference]),
        Answer("AR-14 expires_in is 0", ["request_uri": reference, "expires_in": 0]),
        Answer("AR-14 expires_in is negative", ["request_uri": reference, "expires_in": -1]),
        Answer("AR-14 expires_in is text", ["request_uri": reference, "expires_in": "60"]),
        Answer("AR-14 a list", [["request_uri": reference, "expires_in": 60]]),
        Answer(
            "AR-13 invalid_request",
            status: 400,
            ["error": "invalid_request"],
            .pushedRequestRejected,
            "invalid_request"
        ),
        Answer("AR-13 an error nobody knows", status: 400, ["error": "<b>"], .pushedRequestRejected, "unregistered"),
        Answer("AR-13 invalid_client", status: 401, ["error": "invalid_client"], .clientRejected, "invalid_client"),
        Answer("AR-13 invalid_grant", status: 400, ["error": "invalid_grant"], .pushedRequestRejected, "invalid_grant"),
        Answer("AR-13 405", status: 405, [:], .pushedRequestRejected),
        Answer("AR-13 413", status: 413, [:], .pushedRequestRejected),
        Answer("AR-13 429", status: 429, [:], .providerUnavailable),
        Answer("AR-13 503", status: 503, [:], .providerUnavailable),
    ]

    @Test("A pushed request without a proper answer starts no login", arguments: answers)
    func refused(_ answer: Answer) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.answer(.pushedRequest, answer.response))
        let relyingParty = try provider.relyingParty { $0.pushedAuthorization = .always }
        let error = await #expect(throws: OpenIDConnectError.self) { try await relyingParty.authorizationRequest() }
        #expect(error?.code == answer.code)
        #expect(error?.providerError == answer.providerError)
        #expect(provider.requests(to: .pushedRequest).count == 1)
        let form = try #require(provider.requests(to: .pushedRequest).first?.form)
        for name in ["state", "nonce"] {
            let secret = try #require(form[name])
            #expect(!String(reflecting: error).contains(secret))
        }
    }
}
