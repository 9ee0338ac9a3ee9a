import HTTPTypes
import Hummingbird
import Logging

/// Counts, times and logs each request: the path without its query, which holds codes and states.
struct RequestObserver<Context: RequestContext>: RouterMiddleware {
    static var maximumPathBytes: Int { 256 }

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let duration = ContinuousClock.now - start
        let route = context.endpointPath ?? "NotFound"
        ServerMetrics.request(method: request.method, route: route, status: response.status, duration: duration)
        // Probes come every few seconds from every balancer.
        context.logger.log(
            level: route.hasPrefix("/health/") && response.status.code < 400 ? .debug : .info,
            "Request",
            metadata: [
                "method": "\(request.method.rawValue.prefix(16))",
                "path": "\(Self.bounded(request.uri.path))",
                "status": .stringConvertible(response.status.code),
                "milliseconds": .stringConvertible(duration.milliseconds),
            ]
        )
        return response
    }

    private static func bounded(_ path: String) -> String {
        path.utf8.count <= maximumPathBytes ? path : String(path.prefix(maximumPathBytes / 4)) + "…"
    }
}

extension Duration {
    /// With a resolution of a hundredth.
    var milliseconds: Double {
        Double(components.seconds) * 1000 + (Double(components.attoseconds) / 1e13).rounded() / 100
    }
}
