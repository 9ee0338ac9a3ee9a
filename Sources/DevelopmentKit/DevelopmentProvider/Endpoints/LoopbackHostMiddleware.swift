import HTTPTypes
import Hummingbird

/// Refuses requests for a host that is not loopback.
///
/// A page on the internet whose name resolves to 127.0.0.1 would otherwise be of this origin, and could choose who is
/// signed in.
struct LoopbackHostMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard DevelopmentProviderConfiguration.loopbackHosts.contains(Self.host(request.head.authority ?? "")) else {
            return Response(status: .misdirectedRequest)
        }
        return try await next(request, context)
    }

    /// The authority without port and brackets.
    private static func host(_ authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return authority.split(separator: ":", maxSplits: 1).first.map(String.init) ?? ""
    }
}
