public import Hummingbird

/// Gives each request to the site whose host it names.
///
/// Each site has a router of its own, so that nothing of one can be reached through another.
public struct SiteResponder: HTTPResponder {
    typealias Site = RouterResponder<BasicSessionRequestContext>

    /// By host and port in lower case; empty for a server of one site, which takes requests for any host.
    let byHost: [String: Site]
    /// For requests to no site.
    let other: Site
    let proxies: TrustedProxies

    /// The answer of the site, or of what is there whatever the host is.
    @Sendable
    public func respond(
        to request: Request,
        context: BasicSessionRequestContext
    ) async throws -> Response {
        guard !byHost.isEmpty else { return try await other.respond(to: request, context: context) }
        let host = RequestHost.of(request.head, peer: context.clientAddress, proxies: proxies)
        let site = host.flatMap { byHost[$0] } ?? other
        return try await site.respond(to: request, context: context)
    }
}
