extension Page {
    /// Asks who the person is, and whether the application may know.
    static func consent(
        _ request: AuthorizationRequest,
        users: [DevelopmentUser],
        current: String?,
        question: String
    ) -> Page {
        let scopes = request.scopes.filter { $0 != "openid" }.map(escaped).joined(separator: ", ")
        let buttons = ordered(users, first: current, hint: request.loginHint).map { user in
            let detail = user.subject == current ? "\(user.email), signed in here" : user.email
            return """
                <button name="user" value="\(escaped(user.subject))">\(escaped(user.name))\
                <small>\(escaped(detail))</small></button>
                """
        }
        return Page(
            title: "Sign in to \(request.client.name)",
            body: """
                <p>\(escaped(request.client.name)) asks who you are\(scopes.isEmpty ? "" : " and for: \(scopes)").
                Choose a person to sign in and allow this.</p>
                <form method="post" action="/consent">
                <input type="hidden" name="question" value="\(escaped(question))">
                \(buttons.joined(separator: "\n"))
                <button name="deny" value="yes">Deny<small>Go back without signing in</small></button>
                </form>
                """
        )
    }

    /// The person whom the application or the browser has in mind comes first.
    private static func ordered(
        _ users: [DevelopmentUser],
        first current: String?,
        hint: String?
    ) -> [DevelopmentUser] {
        let isFirst = { (user: DevelopmentUser) -> Bool in
            guard let hint else { return user.subject == current }
            return [user.subject, user.email, user.preferredUsername].contains(hint)
        }
        return users.filter(isFirst) + users.filter { !isFirst($0) }
    }

    /// Asks whether to sign out: another site must not decide that (RP-Initiated Logout 1.0, section 2).
    static func signOut(_ request: SignOutRequest, userName: String?, question: String) -> Page {
        let who = userName.map { "You are signed in as \(escaped($0))." } ?? "Nobody is signed in here."
        let asks = request.clientName.map { "\(escaped($0)) asks to end the session." } ?? ""
        return Page(
            title: "Sign out?",
            body: """
                <p>\(who) \(asks)</p>
                <form method="post" action="/sign-out">
                <input type="hidden" name="question" value="\(escaped(question))">
                <button name="confirm" value="yes">Sign out</button>
                <button name="confirm" value="no">Stay signed in</button>
                </form>
                """
        )
    }
}
