import HTTPTypes
import Hummingbird
import NIOCore

/// The body of a form post, within bounds.
enum FormBody {
    /// - Throws: ``ServerError``: 415, 413, or 400 when the connection broke in the middle.
    static func bytes(of request: Request, maximum: Int) async throws(ServerError) -> [UInt8] {
        let type = request.headers.plain(.contentType) ?? ""
        let essence = type.prefix { $0 != ";" }.trimmingSpaces.lowercased()
        guard essence == "application/x-www-form-urlencoded" else { throw .unsupportedMediaType }
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
}
