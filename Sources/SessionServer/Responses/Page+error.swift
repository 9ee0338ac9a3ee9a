import HTTPTypes

extension Page {
    /// What happened, what to do, and the number under which the log has it.
    static func error(_ error: ServerError, requestID: String) -> Page {
        let retry: HTML
        if let login = error.retry {
            retry = "<a class=\"button\" href=\"\(Paths.login(login))\">Sign in again</a>\n"
        } else if error.code == ServerError.notSignedIn.code {
            retry = "<a class=\"button\" href=\"\(Paths.login)\">Sign in</a>\n"
        } else {
            retry = ""
        }
        return Page(
            title: heading(for: error),
            body: """
                <p>\(error.explanation)</p>
                <p class="actions">\(retry)<a class="button quiet" href="\(Paths.start)">Start page</a></p>
                <p class="small">\(error.code) · \(String(error.status.code)) · request \(requestID)</p>
                """
        )
    }

    /// What a status means to somebody who doesn't know numbers.
    private static func heading(for error: ServerError) -> String {
        let status = error.status
        return switch status {
        case .unauthorized: error.code == ServerError.notSignedIn.code ? "Please sign in" : "This takes a token"
        case .forbidden: "This was refused"
        case .notFound: "There is no such page"
        case .methodNotAllowed: "This can't be done here"
        case .contentTooLarge, .requestHeaderFieldsTooLarge: "That was too much"
        case .badGateway, .gatewayTimeout: "The sign-in provider does not answer"
        case .serviceUnavailable: "Please try again in a moment"
        default: status.kind == .serverError ? "Something went wrong" : "This didn't work"
        }
    }
}
