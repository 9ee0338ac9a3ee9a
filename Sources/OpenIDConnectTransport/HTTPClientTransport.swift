import AsyncHTTPClient
import NIOCore
import NIOHTTP1
public import OpenIDConnect
public import ServiceLifecycle
import Synchronization

/// Talks to providers over AsyncHTTPClient, within the bounds that ``HTTPTransport`` sets.
///
/// TLS certificates are always checked. Redirects are not followed, bodies are not decompressed, proxies named in the
/// environment are not used, and nothing is sent a second time. Connections are kept for a minute and shared.
///
/// Run it as a service, before those that use it, or call ``shutdown()`` at the end.
public final class HTTPClientTransport: HTTPTransport, Service {
    /// The client is made by the first request: one that is dropped without a shutdown ends the process, and who was only
    /// about to start, and didn't for a wrong setting, has nothing to shut down.
    private enum Stage: Sendable {
        case unused(HTTPClient.Configuration)
        case inUse(HTTPClient)
        case shutDown
    }

    private let stage: Mutex<Stage>

    /// Creates a transport on the process's shared event loops; no connection is made yet.
    ///
    /// - Throws: ``OpenIDConnectError/Code/invalidConfiguration`` when the file of trust roots cannot be read.
    public init(configuration: Configuration = Configuration()) throws(OpenIDConnectError) {
        stage = Mutex(.unused(try configuration.clientConfiguration()))
    }

    private func client() throws -> HTTPClient {
        try stage.withLock { stage in
            switch stage {
            case .unused(let configuration):
                let client = HTTPClient(
                    eventLoopGroupProvider: .shared(HTTPClient.defaultEventLoopGroup),
                    configuration: configuration
                )
                stage = .inUse(client)
                return client
            case .inUse(let client): return client
            case .shutDown: throw HTTPClientError.alreadyShutdown
            }
        }
    }

    // MARK: Lifecycle

    /// Waits until it is told to stop, then closes every connection.
    public func run() async throws {
        // A cancelled service stops as well as one that is asked kindly.
        try? await gracefulShutdown()
        try await shutdown()
    }

    /// Closes every connection; requests under way fail, later ones are refused.
    ///
    /// Calling it again does nothing.
    public func shutdown() async throws {
        let client = stage.withLock { stage -> HTTPClient? in
            defer { stage = .shutDown }
            guard case .inUse(let client) = stage else { return nil }
            return client
        }
        try await client?.shutdown()
    }

    /// A transport for the time of `body`.
    public static func withTransport<Result>(
        configuration: Configuration = Configuration(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (HTTPClientTransport) async throws -> Result
    ) async throws -> Result {
        let transport = try HTTPClientTransport(configuration: configuration)
        do {
            let result = try await body(transport)
            try await transport.shutdown()
            return result
        } catch {
            try await transport.shutdown()
            throw error
        }
    }

    // MARK: Requests

    /// Sends one request and reads the whole answer.
    ///
    /// - Throws: ``HTTPTransportError``, or `CancellationError` when the calling task was cancelled.
    public func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
        do {
            // Plain http leaves this machine under no circumstances, whoever made the request.
            guard CheckedURL(request.url) != nil else { throw HTTPClientError.invalidURL }
            let client = try client()
            return try await withDeadline(request.timeout) {
                try await Self.exchange(request, over: client)
            }
        } catch {
            // A body that a cancellation cut off must not pass for an answer, nor its error for one of the network.
            try Task.checkCancellation()
            throw HTTPTransportError(mapping: error)
        }
    }

    private static func exchange(
        _ request: HTTPTransportRequest,
        over client: HTTPClient
    ) async throws -> HTTPTransportResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for (name, value) in request.headers { outgoing.headers.add(name: name, value: value) }
        if !outgoing.headers.contains(name: "User-Agent") {
            outgoing.headers.add(name: "User-Agent", value: "oidc-sessions")
        }
        if request.method == .post { outgoing.body = .bytes(ByteBuffer(bytes: request.body)) }
        let incoming = try await client.execute(outgoing, timeout: TimeAmount(request.timeout))
        let body = try await incoming.body.collect(upTo: request.maximumResponseBytes)
        try Task.checkCancellation()
        return HTTPTransportResponse(
            status: Int(incoming.status.code),
            headers: incoming.headers.map { ($0.name, $0.value) },
            body: Array(body.readableBytesView)
        )
    }
}

/// Runs `operation`, and cancels it when `timeout` has passed.
///
/// AsyncHTTPClient's own deadline ends with the head of the response; a body that drips would hold the login for ever.
private func withDeadline<Value: Sendable>(
    _ timeout: Duration,
    operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: operation)
        group.addTask {
            try await Task.sleep(for: timeout)
            throw HTTPClientError.deadlineExceeded
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
