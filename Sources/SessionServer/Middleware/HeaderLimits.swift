import HTTPTypes
import Hummingbird

/// Refuses requests whose head is larger than anything a browser has reason to send, or names two hosts.
///
/// Behind a listener of ours ``OversizedHead`` has judged already, and left a mark. The HTTP parser has a limit of its own
/// above this one, which closes the connection without an explanation.
struct HeaderLimits<Context: RequestContext>: RouterMiddleware {
    static var maximumURIBytes: Int { 16 * 1024 }

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.uri.string.utf8.count <= Self.maximumURIBytes else { throw ServerError.uriTooLong }
        // The router takes `//api/admin` for `/api/admin`, and a proxy that denies by prefix doesn't.
        guard !request.uri.path.contains("//") else { throw ServerError.notFound }
        let bytes = request.headers.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 4 }
        guard !request.headers.contains(.oversizedHead), bytes <= OversizedHead.maximumBytes,
            request.headers.count <= OversizedHead.maximumFields
        else {
            throw ServerError.headersTooLarge
        }
        // RFC 9112 section 3.2. The first is the authority; what the target says besides is among the fields: TargetHost.
        guard !request.headers.contains(.hostField) else { throw ServerError.severalHosts }
        return try await next(request, context)
    }
}
