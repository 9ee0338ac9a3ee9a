import HTTPTypes
import Hummingbird

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Response {
    /// A page for people.
    static func page(_ page: Page, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentSecurityPolicy] = page.contentSecurityPolicy
        headers[.xContentTypeOptions] = "nosniff"
        headers.hideFromOthers()
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: page.html)))
    }

    /// An answer for programs.
    static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:],
        isPublic: Bool = false
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        var headers = headers
        headers[.contentType] = "application/json"
        if !isPublic { headers.hideFromOthers() }
        let body = ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value)))
        return Response(status: status, headers: headers, body: body)
    }

    /// On to another address, by GET whatever this request was.
    static func seeOther(_ location: String, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.location] = location
        headers.hideFromOthers()
        return Response(status: .seeOther, headers: headers)
    }
}

extension HTTPFields {
    /// Neither caches nor the next site learn of the page and its address (RFC 6749, section 5.1; RFC 9700, 4.2.4).
    fileprivate mutating func hideFromOthers() {
        self[.cacheControl] = "no-store"
        if let policy = HTTPField.Name("Referrer-Policy") { self[policy] = "no-referrer" }
    }
}
