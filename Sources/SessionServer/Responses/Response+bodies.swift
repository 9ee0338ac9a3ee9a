import HTTPTypes
import Hummingbird
import NIOCore
import OpenIDConnect

extension Response {
    /// A page for people.
    static func page(_ page: Page, settings: ServerSettings, status: HTTPResponse.Status = .ok) -> Response {
        let text = page.document(applicationName: settings.applicationName).text
        var response = Response(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
        if page.hasForm { response.headers[.referrerPolicy] = "same-origin" }
        return response
    }

    /// An answer for programs.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: value.serialized() + "\n"))
        )
    }

    /// See other: the browser goes there with GET, whatever brought it here (RFC 9700 section 4.12).
    static func seeOther(_ location: String) -> Response {
        Response(status: .seeOther, headers: [.location: location])
    }

    /// The answer to an error, for people or for programs.
    static func error(_ error: ServerError, for visit: Visit) -> Response {
        var response: Response
        if visit.prefersHTML {
            let page = Page.error(error, requestID: visit.requestID)
            response = .page(page, settings: visit.settings, status: error.status)
        } else {
            let body: JSONValue = [
                "error": .string(error.code), "message": .string(error.explanation),
                "requestId": .string(visit.requestID),
            ]
            response = .json(body, status: error.status)
        }
        for field in error.headers { response.headers[field.name] = field.value }
        if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// Adds cookies; two of one name would be a mistake (RFC 6265 section 4.1.1).
    func setting(_ cookies: [SetCookie]) -> Response {
        var response = self
        for cookie in cookies {
            response.headers.append(HTTPField(name: .setCookie, value: cookie.fieldValue))
        }
        return response
    }
}
