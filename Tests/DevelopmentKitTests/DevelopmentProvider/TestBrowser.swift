import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing
import WireText

@testable import DevelopmentProvider

/// Keeps cookies, reads forms, follows nothing by itself.
final class TestBrowser: Sendable {
    let client: any TestClientProtocol
    private let cookies = Mutex<[String: String]>([:])

    init(client: any TestClientProtocol) {
        self.client = client
    }

    /// Another browser at the same provider.
    func stranger() -> TestBrowser { TestBrowser(client: client) }

    func get(
        _ path: String,
        _ parameters: [String: String] = [:],
        headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        let query = Self.form(parameters)
        return try await send(path + (query.isEmpty ? "" : "?" + query), .get, headers: headers, body: nil)
    }

    func post(_ path: String, _ parameters: [String: String], headers: HTTPFields = [:]) async throws -> TestResponse {
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await send(path, .post, headers: headers, body: Self.form(parameters))
    }

    func send(
        _ uri: String,
        _ method: HTTPRequest.Method,
        headers: HTTPFields,
        body: String?
    ) async throws -> TestResponse {
        var headers = headers
        let jar = cookies.withLock { $0 }
        if !jar.isEmpty { headers[.cookie] = jar.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let response = try await client.executeRequest(
            uri: uri,
            method: method,
            headers: headers,
            body: body.map { ByteBuffer(string: $0) }
        )
        for line in response.headers[values: .setCookie] {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies.withLock { $0[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1]) }
        }
        return response
    }

    private static func form(_ parameters: [String: String]) -> String {
        parameters.sorted { $0.key < $1.key }
            .map { FormCoding.encode($0.key) + "=" + FormCoding.encode($0.value) }
            .joined(separator: "&")
    }
}

extension TestBrowser {
    /// A right authorization request, changed where a case asks for it; an empty value leaves a parameter out.
    static func authorization(_ changes: [String: String] = [:]) -> [String: String] {
        let right = [
            "client_id": "app", "redirect_uri": ProviderHarness.redirectURI, "response_type": "code",
            "scope": "openid profile email", "state": "st&te", "nonce": "n0nce",
            "code_challenge": ProviderHarness.challenge, "code_challenge_method": "S256",
        ]
        return right.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    /// Opens the consent page and answers it.
    func answerConsent(_ answer: [String: String], to changes: [String: String] = [:]) async throws -> TestResponse {
        let page = try await get("/authorize", Self.authorization(changes))
        try #require(page.status == .ok)
        let question = try #require(page.question)
        return try await post("/consent", answer.merging(["question": question]) { $1 })
    }

    func code(user: String = "user-ada", _ changes: [String: String] = [:]) async throws -> String {
        try #require(try await answerConsent(["user": user], to: changes).redirect?["code"])
    }

    static func exchange(_ code: String, _ changes: [String: String] = [:]) -> [String: String] {
        let right = [
            "grant_type": "authorization_code", "code": code, "redirect_uri": ProviderHarness.redirectURI,
            "code_verifier": ProviderHarness.verifier, "client_id": "app", "client_secret": "s3cret/+:",
        ]
        return right.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    /// Signs in and takes the tokens.
    func tokens(user: String = "user-ada", _ changes: [String: String] = [:]) async throws -> TokenBody {
        let response = try await post("/token", Self.exchange(try await code(user: user, changes)))
        try #require(response.status == .ok)
        return try response.decoded()
    }

    func refresh(_ token: String, _ changes: [String: String] = [:]) async throws -> TestResponse {
        let right = [
            "grant_type": "refresh_token", "refresh_token": token, "client_id": "app", "client_secret": "s3cret/+:",
        ]
        return try await post("/token", right.merging(changes) { $1 }.filter { !$0.value.isEmpty })
    }
}

/// What the token endpoint answers.
struct TokenBody: Decodable {
    var accessToken: String
    var tokenType: String
    var expiresIn: Int
    var refreshToken: String
    var idToken: String
    var scope: String
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// The hidden field of a page with a form.
    var question: String? {
        text.firstMatch(of: /name="question" value="([^"]+)"/).map { String($0.output.1) }
    }

    /// The parameters of a redirect.
    var redirect: FormParameters? {
        guard status == .seeOther, let location = headers[.location], let mark = location.firstIndex(of: "?")
        else { return nil }
        return FormParameters(location[location.index(after: mark)...])
    }

    func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(body.readableBytesView))
    }

    /// The `error` of an answer in JSON.
    var errorCode: String? {
        (try? decoded([String: String].self))?["error"]
    }
}
