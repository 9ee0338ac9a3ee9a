import HTTPTypes
import Hummingbird
import Sessions

/// One path and method, who may use it, and what answers.
///
/// What a handler takes says who may use it: there is no session or caller but from the check.
struct Endpoint: Sendable {
    enum Handler: Sendable {
        case open(@Sendable (Visit) async throws -> Response)
        case signedIn(@Sendable (Visit, Session) async throws -> Response)
        case bearer(BearerSurface, @Sendable (Visit, BearerCaller) async throws -> Response)
    }

    /// With `{name}` for a segment that varies.
    let path: String
    let method: HTTPRequest.Method
    /// Whether HEAD is answered as well: only where GET has no effect.
    let answersHead: Bool
    /// The surface whose tokens open it; nil when none are asked for.
    ///
    /// Stored, because the optimizer of Swift 6.3.1 crashes on a switch over ``handler`` where this is inlined: releases
    /// could not be built.
    let surface: BearerSurface?
    let handler: Handler

    /// For anybody.
    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        answersHead: Bool = false,
        _ handler: @escaping @Sendable (Visit) async throws -> Response
    ) {
        self.init(method, path, answersHead, .open(handler))
    }

    /// For whoever is signed in, and, unless it is a GET, from a page of this site.
    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        answersHead: Bool = false,
        signedIn handler: @escaping @Sendable (Visit, Session) async throws -> Response
    ) {
        self.init(method, path, answersHead, .signedIn(handler))
    }

    /// For whoever has a token of a surface.
    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        answersHead: Bool = false,
        bearer surface: BearerSurface,
        _ handler: @escaping @Sendable (Visit, BearerCaller) async throws -> Response
    ) {
        self.init(method, path, answersHead, .bearer(surface, handler), surface: surface)
    }

    private init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ answersHead: Bool,
        _ handler: Handler,
        surface: BearerSurface? = nil
    ) {
        self.path = path
        self.method = method
        self.answersHead = answersHead
        self.surface = surface
        self.handler = handler
    }

    var methods: [HTTPRequest.Method] { answersHead ? [method, .head] : [method] }

    /// How many segments vary; nil when the path is another one.
    fileprivate func variables(matching segments: [Substring]) -> Int? {
        let pattern = path.split(separator: "/")
        guard pattern.count == segments.count else { return nil }
        var variables = 0
        for (expected, segment) in zip(pattern, segments) {
            if expected.first == "{" {
                variables += 1
            } else if !expected.utf8.elementsEqual(segment.utf8) {
                return nil
            }
        }
        return variables
    }
}

extension [Endpoint] {
    /// What is at a path, whatever the method; empty for a path that isn't here.
    ///
    /// As in the router, a path that is spelled out goes before one that varies.
    func at(_ path: String) -> [Endpoint] {
        // The router passes over empty segments, so `/login/` is `/login`.
        let segments = path.split(separator: "/")
        let matches = compactMap { endpoint in endpoint.variables(matching: segments).map { ($0, endpoint) } }
        let fewest = matches.map(\.0).min()
        return matches.filter { $0.0 == fewest }.map(\.1)
    }
}
