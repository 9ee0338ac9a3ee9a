import HTTPTypes
import Hummingbird

/// One path and method, and what answers it.
struct Endpoint: Sendable {
    let path: String
    let method: HTTPRequest.Method
    /// Whether HEAD is answered as well: only where GET has no effect.
    let answersHead: Bool
    let handler: @Sendable (Visit) async throws -> Response

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        answersHead: Bool = false,
        _ handler: @escaping @Sendable (Visit) async throws -> Response
    ) {
        self.path = path
        self.method = method
        self.answersHead = answersHead
        self.handler = handler
    }

    var methods: [HTTPRequest.Method] { answersHead ? [method, .head] : [method] }
}

extension [Endpoint] {
    /// What a path takes; empty for a path that isn't here.
    func methods(at path: String) -> [HTTPRequest.Method] {
        // The router passes over empty segments, so `/login/` is `/login`.
        let path = "/" + path.split(separator: "/").joined(separator: "/")
        return filter { $0.path == path }.flatMap(\.methods)
    }
}
