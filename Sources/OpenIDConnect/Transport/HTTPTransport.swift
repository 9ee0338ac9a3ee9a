/// The one door through which the relying party talks HTTP.
///
/// The module itself opens no socket: `OpenIDConnectTransport` implements this with AsyncHTTPClient, tests with an
/// in-process provider.
///
/// An implementation
/// - never follows a redirect: a 3xx comes back as it is;
/// - never repeats a request on its own unless no byte of it was sent (an authorization code may be spent only once,
///   RFC 6749 section 4.1.2);
/// - gives up after ``HTTPTransportRequest/timeout``, counted from the call to the last byte of the body;
/// - stops reading after ``HTTPTransportRequest/maximumResponseBytes`` and does not decompress.
public protocol HTTPTransport: Sendable {
    /// Sends one request and returns the whole answer.
    ///
    /// - Throws: ``HTTPTransportError``, or `CancellationError` when the calling task was cancelled.
    func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse
}
