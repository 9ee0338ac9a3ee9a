import HTTPTypes

extension Page {
    /// What happened, what to do, and the number under which the log has it.
    static func error(_ error: ServerError, requestID: String) -> Page {
        let retry: HTML
        if let login = error.retry {
            retry = "<a class=\"button\" href=\"\(Paths.login(login))\">Sign in again</a>\n"
        } else if error.status == .unauthorized {
            retry = "<a class=\"button\" href=\"\(Paths.login)\">Sign in</a>\n"
        } else {
            retry = ""
        }
        return Page(
            title: "\(error.status.code) \(error.status.reasonPhrase)",
            body: """
                <p>\(error.explanation)</p>
                <p class="actions">\(retry)<a class="button quiet" href="\(Paths.start)">Start page</a></p>
                <p class="small">\(error.code) · request \(requestID)</p>
                """
        )
    }
}
