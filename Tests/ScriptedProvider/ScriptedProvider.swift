import Foundation
public import OpenIDConnect
import Synchronization

/// An OpenID provider in the process of the test, correct until told otherwise.
///
/// It is strict where a strict provider is: PKCE with S256 only and verifiers never repeated, redirect URIs compared
/// exactly and repeated at the token endpoint, codes of one use, client authentication by the registered method and no
/// other, `state` and `nonce` demanded, bearer tokens in the header only. Every request is kept, so that "must not
/// call" is checked by absence. ``ScriptedListener`` puts it on a port, for relying parties in processes of their own.
public final class ScriptedProvider: HTTPTransport {
    struct Grant: Sendable {
        var user: ScriptedUser
        var redirectURI: String
        var challenge: String
        var nonce: String?
        var scope: String
        var authenticatedAt: Int64
        /// The key that the code or the tokens are bound to.
        var thumbprint: String?
    }

    struct State: Sendable {
        var keys: [ScriptedKey]
        var misbehaviours: [Misbehaviour] = []
        var requests: [RecordedRequest] = []
        var answers: [RecordedRequest.Endpoint: HTTPTransportResponse] = [:]
        var gates: [RecordedRequest.Endpoint: Gate] = [:]
        var codes: [String: Grant] = [:]
        var spentCodes: Set<String> = []
        var accessTokens: [String: Grant] = [:]
        var refreshTokens: [String: Grant] = [:]
        var seenChallenges: Set<String> = []
        var issuedIDTokens: Set<String> = []
        var tokensByCode: [String: [String]] = [:]
        var keysPath = "/keys"
        var serial = 0
        var pushedRequests: [String: WireForm] = [:]
        var seenTokenIDs: Set<String> = []
        var proofNonces: Set<String> = []
        var visitor = ScriptedUser.alice
        var denial: String?
    }

    /// The issuer identifier.
    public let issuer: String
    /// The one client that is registered.
    public let client: ScriptedClient
    /// The provider's clock.
    public let clock: any WallClock

    let state: Mutex<State>

    /// Creates a provider with one ES256 key, or those given.
    public init(
        issuer: String = "https://op.example",
        client: ScriptedClient = ScriptedClient(),
        keys: [ScriptedKey] = [ScriptedKey()],
        clock: any WallClock = SystemWallClock()
    ) {
        self.issuer = issuer
        self.client = client
        self.clock = clock
        self.state = Mutex(State(keys: keys))
    }

    // MARK: Script

    /// Does these things from now on, and none of the earlier ones.
    public func misbehave(_ misbehaviours: Misbehaviour...) {
        state.withLock { $0.misbehaviours = misbehaviours }
    }

    /// The same with a list.
    public func misbehave(_ misbehaviours: [Misbehaviour]) {
        state.withLock { $0.misbehaviours = misbehaviours }
    }

    /// Replaces the signing keys; the first one signs.
    public func rotateKeys(to keys: [ScriptedKey] = [ScriptedKey()]) {
        state.withLock { $0.keys = keys }
    }

    /// Moves the key set to another path of the discovery document.
    public func moveKeys(to path: String) {
        state.withLock { $0.keysPath = path }
    }

    /// Who signs in when a browser comes by HTTP, or the error that it is sent back with.
    public func expect(_ visitor: ScriptedUser, error: String? = nil) {
        state.withLock {
            $0.visitor = visitor
            $0.denial = error
        }
    }

    /// Lets no request of this endpoint be answered until the gate is opened.
    public func hold(_ endpoint: RecordedRequest.Endpoint) -> Gate {
        let gate = Gate()
        state.withLock { $0.gates[endpoint] = gate }
        return gate
    }

    // MARK: Record

    /// Every request so far.
    public var requests: [RecordedRequest] { state.withLock { $0.requests } }

    /// The requests of one endpoint.
    public func requests(to endpoint: RecordedRequest.Endpoint) -> [RecordedRequest] {
        requests.filter { $0.endpoint == endpoint }
    }

    /// The latest answer of one endpoint.
    public func answer(of endpoint: RecordedRequest.Endpoint) -> HTTPTransportResponse? {
        state.withLock { $0.answers[endpoint] }
    }

    /// Forgets the requests and answers so far.
    public func forgetRequests() {
        state.withLock {
            $0.requests = []
            $0.answers = [:]
        }
    }

    /// The keys in use.
    public var keys: [ScriptedKey] { state.withLock { $0.keys } }

    // MARK: Transport

    /// Answers one request as the script says.
    public func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
        let endpoint = endpoint(of: request)
        let form = WireForm(String(decoding: request.body, as: UTF8.self))
        let gate = state.withLock {
            $0.requests.append(RecordedRequest(endpoint: endpoint, request: request, form: form))
            return $0.gates[endpoint]
        }
        await gate?.pass()
        try Task.checkCancellation()

        var response = try answer(request, to: endpoint, form: form)
        var isReplaced = false
        for misbehaviour in state.withLock({ $0.misbehaviours }) where !isReplaced {
            switch misbehaviour {
            case .answer(endpoint, let replacement): (response, isReplaced) = (replacement, true)
            case .padding(endpoint, let count): response.body = Array(repeating: 0x20, count: count) + response.body
            case .failure(endpoint, let code): throw HTTPTransportError(code)
            default: break
            }
        }
        guard isReplaced || response.body.count <= request.maximumResponseBytes else {
            throw HTTPTransportError(.responseTooLarge)
        }
        state.withLock { [response] in $0.answers[endpoint] = response }
        return response
    }

    private func endpoint(of request: HTTPTransportRequest) -> RecordedRequest.Endpoint {
        let keysPath = state.withLock { $0.keysPath }
        return switch (request.method, request.url) {
        case (.get, wellKnownURL): .discovery
        case (.get, issuer + keysPath): .keys
        case (.post, issuer + "/token"): .token
        case (.get, issuer + "/userinfo"): .userInfo
        case (.post, issuer + "/par"): .pushedRequest
        case (.post, issuer + "/revoke"): .revocation
        case (.get, let url) where url.hasPrefix(issuer + "/authorize?"): .authorization
        case (.get, let url) where url.hasPrefix(issuer + "/end-session"): .endSession
        case (.post, issuer + "/end-session"): .endSession
        default: .stray
        }
    }

    private func answer(
        _ request: HTTPTransportRequest,
        to endpoint: RecordedRequest.Endpoint,
        form: WireForm
    ) throws -> HTTPTransportResponse {
        switch endpoint {
        case .discovery: .json(.object(metadata))
        case .keys: .json(.object(["keys": .array(publishedKeys)]), headers: [("Cache-Control", "max-age=3600")])
        case .token: try answerTokenRequest(request, form: form)
        case .userInfo: try answerUserInfo(request)
        case .pushedRequest: answerPushedRequest(request, form: form)
        case .revocation: answerRevocation(request, form: form)
        case .authorization: answerVisit(request)
        case .endSession: answerSignOut(request)
        case .stray: HTTPTransportResponse(status: 404)
        }
    }

    private var wellKnownURL: String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    var nowSeconds: Int64 { Int64(clock.now().timeIntervalSince1970) }
}

extension HTTPTransportResponse {
    /// An answer of JSON.
    public static func json(
        _ value: JSONValue,
        status: Int = 200,
        headers: [(name: String, value: String)] = []
    ) -> HTTPTransportResponse {
        HTTPTransportResponse(
            status: status,
            headers: [("Content-Type", "application/json")] + headers,
            body: Array(value.serialized().utf8)
        )
    }
}
