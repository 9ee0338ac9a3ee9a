import OpenIDConnect
import Synchronization

/// What browsers get that come by HTTP.
extension ScriptedProvider {
    func answerVisit(_ request: HTTPTransportRequest) -> HTTPTransportResponse {
        let (visitor, denial) = state.withLock { ($0.visitor, $0.denial) }
        do {
            let answer = try authorize(request.url, as: visitor, error: denial)
            let query = request.url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            guard WireForm(String(query))["response_mode"] == "form_post" else {
                return HTTPTransportResponse(status: 303, headers: [("Location", answer.url)])
            }
            return .page(Self.form(answer))
        } catch {
            return .page("refused: \(error)", status: 400)
        }
    }

    func answerSignOut(_ request: HTTPTransportRequest) -> HTTPTransportResponse {
        // By POST the parameters are those of the query, in the body (RP-Initiated Logout section 2).
        let body = String(decoding: request.body, as: UTF8.self)
        let url = request.method == .post ? request.url + "?" + body : request.url
        do {
            guard let target = try endSession(url) else { return .page("signed out") }
            return HTTPTransportResponse(status: 303, headers: [("Location", target)])
        } catch {
            return .page("refused: \(error)", status: 400)
        }
    }

    /// The page of Form Post Response Mode section 2; a browser's script would send it.
    private static func form(_ answer: AuthorizationAnswer) -> String {
        let inputs = answer.parameters.map { #"<input type="hidden" name="\#($0.name)" value="\#($0.value)">"# }
        return #"<form method="post" action="\#(answer.redirectURI)">\#(inputs.joined())</form>"#
    }
}

extension HTTPTransportResponse {
    fileprivate static func page(_ text: String, status: Int = 200) -> HTTPTransportResponse {
        HTTPTransportResponse(status: status, headers: [("Content-Type", "text/html")], body: Array(text.utf8))
    }
}
