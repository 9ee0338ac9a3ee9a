import HTTPTypes
import Hummingbird
import NIOCore

/// The body of a request, within bounds.
enum RequestBody {
    /// The body of a form post.
    ///
    /// - Throws: ``ServerError``: 415, 413, or 400 when the connection broke in the middle.
    static func form(of request: Request, maximum: Int) async throws(ServerError) -> [UInt8] {
        let wanted = "application/x-www-form-urlencoded"
        guard mediaType(of: request) == wanted else { throw .unsupportedMediaType(wanted: wanted) }
        return try await bytes(of: request, maximum: maximum)
    }

    /// Any body.
    ///
    /// - Throws: ``ServerError``: 413, or 400 when the connection broke in the middle.
    static func bytes(of request: Request, maximum: Int) async throws(ServerError) -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > maximum {
            throw .payloadTooLarge
        }
        do {
            return Array(buffer: try await request.body.collect(upTo: maximum))
        } catch is NIOTooManyBytesError {
            throw .payloadTooLarge
        } catch {
            throw .unreadableBody
        }
    }

    /// Type and subtype in lower case, without parameters; empty when there is none.
    static func mediaType(of request: Request) -> String {
        let type = request.headers.plain(.contentType) ?? ""
        return type.prefix { $0 != ";" }.trimmingSpaces.lowercased()
    }
}
