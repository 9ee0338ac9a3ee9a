import HTTPTypes
import Hummingbird
import LoginFlow
import NIOCore
import OpenAPIFile
import OpenIDConnect
import Sessions

extension SessionRoutes {
    /// How long the database may take before this replica counts as not ready.
    static let readinessDeadline = Duration.seconds(2)

    /// `GET /health/live`: the process answers.
    func live(_ visit: Visit) async throws -> Response {
        .json(["status": "live"])
    }

    /// `GET /health/ready`: the database answers, too.
    ///
    /// It is asked for a session that doesn't exist, by the very statement that requests use, so that a missing table
    /// shows as well.
    func ready(_ visit: Visit) async throws -> Response {
        guard await isReady() else {
            var response = Response.json(["status": "unavailable"], status: .serviceUnavailable)
            response.headers[.retryAfter] = "5"
            return response
        }
        return .json(["status": "ready"])
    }

    /// `GET /openapi.json`: every route, in words and for tools.
    func describe(_ visit: Visit) async throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "public, max-age=3600"],
            body: .init(byteBuffer: ByteBuffer(bytes: OpenAPIFile.contents))
        )
    }

    private func isReady() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    _ = try await administration.getSession(SessionID(), detail: .identity, touch: false)
                    return true
                } catch {
                    return false
                }
            }
            group.addTask {
                try? await Task.sleep(for: Self.readinessDeadline)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
