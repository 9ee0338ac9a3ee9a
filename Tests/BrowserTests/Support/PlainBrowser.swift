import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// As much of a browser as a login needs that asks nobody anything: cookies, and redirects one by one.
actor PlainBrowser {
    private let client: HTTPClient
    private var cookies: [String: String] = [:]

    private init(_ client: HTTPClient) {
        self.client = client
    }

    static func withBrowser<R: Sendable>(_ body: (PlainBrowser) async throws -> R) async throws -> R {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<R, any Error>
        do {
            result = .success(try await body(PlainBrowser(client)))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    /// Asks once; the cookies that come are kept, whoever sends them.
    func request(
        _ url: String,
        method: HTTPMethod = .GET,
        accept: String = "text/html"
    ) async throws -> (status: Int, location: String?, body: String) {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "Accept", value: accept)
        if !cookies.isEmpty {
            request.headers.add(name: "Cookie", value: cookies.map { "\($0)=\($1)" }.joined(separator: "; "))
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        for field in response.headers["Set-Cookie"] {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1])
        }
        let body = try await response.body.collect(upTo: 1 << 20)
        return (Int(response.status.code), response.headers.first(name: "Location"), String(buffer: body))
    }
}
