import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Patience
import Testing

/// As much of a browser as a login needs: cookies by host, redirects by hand, forms.
final class Browser {
    struct Page {
        let url: URL
        let status: Int
        let location: String?
        let body: String

        /// The value of a hidden input.
        func hidden(_ name: String) throws -> String {
            let expression = try Regex("name=\"\(name)\" value=\"([^\"]*)\"", as: (Substring, Substring).self)
            return String(try #require(try expression.firstMatch(in: body)).1)
        }
    }

    private let client: HTTPClient
    private var cookies: [String: [String: String]] = [:]
    /// Where hosts are that aren't where their names say: `acme.localhost:8080` at `127.0.0.1:4711`.
    var addresses: [String: String] = [:]

    private init(_ client: HTTPClient) {
        self.client = client
    }

    static func withBrowser<R>(_ body: (Browser) async throws -> R) async throws -> R {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(Browser(client))
            try await client.shutdown()
            return result
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    /// Asks for readiness until the answer is yes.
    func waitUntilReady(_ origin: String, within limit: Duration = .seconds(120)) async throws {
        try await eventually("\(origin) is ready", within: limit) {
            try await request(origin + "/health/ready").status == 200
        }
    }

    /// Gives it a cookie that it was never sent.
    func set(_ name: String, _ value: String, at origin: String) {
        guard let url = URL(string: origin) else { return }
        cookies[Self.host(of: url), default: [:]][name] = value
    }

    private static func host(of url: URL) -> String { "\(url.host() ?? ""):\(url.port ?? 80)" }

    /// One request, with this host's cookies.
    func request(
        _ url: String,
        form: [String: String]? = nil,
        accept: String = "text/html",
        origin: String? = nil,
        bearer: String? = nil,
        fields: [String: String] = [:]
    ) async throws -> Page {
        let target = try #require(URL(string: url))
        let host = Self.host(of: target)
        let address = addresses[host]
        var request = HTTPClientRequest(url: address.map { url.replacing("//\(host)", with: "//\($0)") } ?? url)
        if address != nil { request.headers.add(name: "Host", value: host) }
        for (name, value) in fields { request.headers.replaceOrAdd(name: name, value: value) }
        request.headers.add(name: "Accept", value: accept)
        if let bearer { request.headers.add(name: "Authorization", value: "Bearer \(bearer)") }
        let known = cookies[host, default: [:]].map { "\($0.key)=\($0.value)" }
        if !known.isEmpty { request.headers.add(name: "Cookie", value: known.sorted().joined(separator: "; ")) }
        if let form {
            request.method = .POST
            request.headers.add(name: "Origin", value: origin ?? "http://\(host)")
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form.map { "\($0.key)=\($0.value)" }.joined(separator: "&")))
        }
        let response = try await client.execute(request, timeout: .seconds(30))
        for line in response.headers["Set-Cookie"] {
            let parts = line.split(separator: ";")[0].split(separator: "=", maxSplits: 1).map(String.init)
            cookies[host, default: [:]][parts[0]] = line.contains("Max-Age=0") || parts.count < 2 ? nil : parts[1]
        }
        let body = try await response.body.collect(upTo: 1 << 20)
        return Page(
            url: target,
            status: Int(response.status.code),
            location: response.headers.first(name: "Location")
                .flatMap { URL(string: $0, relativeTo: target)?.absoluteString },
            body: String(buffer: body)
        )
    }

    /// The cookies of a host.
    func cookies(at origin: String) -> [String: String] {
        URL(string: origin).map { cookies[Self.host(of: $0), default: [:]] } ?? [:]
    }

    /// The whole way from `/login` to the page behind it, as one of the development provider's people.
    ///
    /// - Parameter publicOrigin: what the server believes its address to be; nil when that is true.
    func signIn(
        at origin: String,
        as user: String,
        publicOrigin: String? = nil,
        login: String = "/login"
    ) async throws -> Page {
        var callback = try await callback(at: origin, as: user, login: login)
        if let publicOrigin { callback = callback.replacing(publicOrigin, with: origin) }
        let finished = try await request(callback)
        #expect(finished.status == 303)
        return try await request(try #require(finished.location))
    }

    /// The first half of it: the URL with which the provider sends the browser back.
    func callback(at origin: String, as user: String, login: String = "/login") async throws -> String {
        let started = try await request(origin + login)
        #expect(started.status == 303)
        let consent = try await request(try #require(started.location))
        #expect(consent.status == 200)
        let provider = try #require(URL(string: "/consent", relativeTo: consent.url)).absoluteString
        let agreed = try await request(provider, form: ["question": try consent.hidden("question"), "user": user])
        return try #require(agreed.location)
    }
}
