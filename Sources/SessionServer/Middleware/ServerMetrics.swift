import HTTPTypes
import Metrics

/// The measurements of this module; labels are routes, methods and words from fixed lists.
enum ServerMetrics {
    enum Lookup: String {
        case live
        case unknown
        case absent
        case malformed
        case failed
    }

    static func lookup(_ outcome: Lookup) {
        Counter(label: "oidc_session_lookups_total", dimensions: [("outcome", outcome.rawValue)]).increment()
    }

    static func bearerFailure(_ surface: BearerSurface, _ failure: BearerGuard.Failure) {
        let dimensions = [("surface", surface.rawValue), ("reason", failure.rawValue)]
        Counter(label: "oidc_session_bearer_failures_total", dimensions: dimensions).increment()
    }

    static func loginRefused() {
        Counter(label: "oidc_logins_refused_total", dimensions: [("reason", "address")]).increment()
    }

    static func request(
        method: HTTPRequest.Method,
        route: String,
        status: HTTPResponse.Status,
        duration: Duration
    ) {
        let dimensions = [
            ("method", known.contains(method) ? method.rawValue : "other"), ("route", route),
            ("status", "\(status.code)"),
        ]
        Counter(label: "http_server_requests_total", dimensions: dimensions).increment()
        let (seconds, attoseconds) = duration.components
        Timer(label: "http_server_request_duration_seconds", dimensions: [("route", route)])
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private static let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
}
