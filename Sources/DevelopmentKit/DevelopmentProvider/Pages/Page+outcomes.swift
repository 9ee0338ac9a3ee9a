extension Page {
    /// Something was wrong, and there is no application to tell.
    static func problem(_ text: String) -> Page {
        Page(title: "This can't go on", body: "<p>\(escaped(text))</p>")
    }

    static let unreadable = problem("The request can't be read: a parameter is broken or comes twice.")

    static let signedOut = Page(title: "You are signed out", body: "<p>You can close this page.</p>")

    static let stillSignedIn = Page(title: "You are still signed in", body: "<p>Nothing was changed.</p>")

    /// Carries the answer to the application as a form (OAuth 2.0 Form Post Response Mode, appendix A).
    static func formPost(to redirectURI: String, _ parameters: [(name: String, value: String)]) -> Page {
        let inputs = parameters.map {
            "<input type=\"hidden\" name=\"\(escaped($0.name))\" value=\"\(escaped($0.value))\">"
        }
        return Page(
            title: "One moment",
            body: """
                <form method="post" action="\(escaped(redirectURI))">
                \(inputs.joined(separator: "\n"))
                <noscript><button>Continue</button></noscript>
                </form>
                """,
            script: "document.forms[0].submit()"
        )
    }
}
