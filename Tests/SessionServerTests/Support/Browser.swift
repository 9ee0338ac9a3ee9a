import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ScriptedProvider
import Synchronization

/// A browser with one cookie jar, as far as these tests need one.
final class Browser: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let client: any TestClientProtocol
    private let jar: Mutex<[String: String]>
    /// Sent with every request unless the request says otherwise.
    let accept: String

    init(_ client: any TestClientProtocol, cookies: [String: String] = [:], accept: String = "text/html") {
        self.client = client
        self.jar = Mutex(cookies)
        self.accept = accept
    }

    /// The cookies, by name.
    var cookies: [String: String] {
        get { jar.withLock { $0 } }
        set { jar.withLock { $0 = newValue } }
    }

    func get(_ uri: String, _ headers: HTTPFields = [:]) async throws -> TestResponse {
        try await send(.get, uri, headers)
    }

    /// A form sent by one of our own pages, unless the headers say otherwise.
    func post(_ uri: String, _ headers: HTTPFields = Site.sameOrigin, form: String = "") async throws -> TestResponse {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/x-www-form-urlencoded" }
        return try await send(.post, uri, headers, body: form)
    }

    func send(
        _ method: HTTPRequest.Method,
        _ uri: String,
        _ headers: HTTPFields = [:],
        body: String? = nil
    ) async throws -> TestResponse {
        var headers = headers
        if headers[.accept] == nil { headers[.accept] = accept }
        if headers[.cookie] == nil, !cookies.isEmpty {
            headers[.cookie] = cookies.map { "\($0)=\($1)" }.joined(separator: "; ")
        }
        let response = try await client.execute(
            uri: uri,
            method: method,
            headers: headers,
            body: body.map { ByteBuffer(string: $0) }
        )
        APIDescription.shared.check(method, uri, response)
        for cookie in response.cookies {
            jar.withLock { $0[cookie.name] = cookie.attributes.contains("Max-Age=0") ? nil : cookie.value }
        }
        return response
    }

    // MARK: The dance

    /// Starts a login and visits the provider; what it sends the browser back with.
    func visitProvider(
        _ provider: ScriptedProvider,
        as user: ScriptedUser = .alice,
        login: String = "/login",
        error: String? = nil
    ) async throws -> AuthorizationAnswer {
        let response = try await get(login)
        guard response.status == .seeOther, let location = response.headers[.location] else {
            throw Failure(description: "no login was started: \(response.status) \(response.text)")
        }
        return try provider.authorize(location, as: user, error: error)
    }

    /// Signs in; the answer to the callback.
    @discardableResult
    func signIn(
        _ provider: ScriptedProvider,
        as user: ScriptedUser = .alice,
        login: String = "/login"
    ) async throws -> TestResponse {
        let answer = try await visitProvider(provider, as: user, login: login)
        let response = try await get(answer.path + "?" + answer.query)
        guard response.status == .seeOther else {
            throw Failure(description: "the login failed: \(response.status) \(response.text)")
        }
        return response
    }

    /// The subject that `/session` names; nil for 401.
    func whoAmI() async throws -> String? {
        let response = try await get("/session", [.accept: "application/json"])
        switch response.status {
        case .ok: return response.json["subject"]
        case .unauthorized: return nil
        default: throw Failure(description: "/session: \(response.status) \(response.text)")
        }
    }
}
