import LoginFlow
import OpenIDConnect
import Sessions

extension Page {
    /// Who is signed in, or where to sign in.
    static func start(_ session: Session?, providers: [String], applicationName: String) -> Page {
        guard let session else {
            let buttons = providers.map { signInButton(NewLogin(provider: providers.count > 1 ? $0 : nil)) }
            return Page(
                title: "Welcome to \(applicationName)",
                body: "<p>You are not signed in.</p>\n<p class=\"actions\">\(buttons)</p>"
            )
        }
        return self.session(session)
    }

    /// The session of the browser.
    static func session(_ session: Session) -> Page {
        let view = SessionView(session: session)
        return Page(
            title: "You are signed in as \(view.displayName)",
            body: "\(view.details)\n<div class=\"actions\">\(signOutForm)\(ownSessionsLink)</div>",
            hasForm: true
        )
    }

    static let signedOut = Page(
        title: "You are signed out",
        body: """
            <p>There is no session in this browser. You may still be signed in at the sign-in provider.</p>
            <p class="actions">\(signInButton())</p>
            """
    )

    /// For a browser that comes back from the provider's logout.
    static let signedOutEverywhere = Page(
        title: "You are signed out",
        body: """
            <p>You are signed out here, and the sign-in provider has sent you back from signing out there.</p>
            <p class="actions">\(signInButton())</p>
            """
    )

    /// Asked before a GET signs anybody out.
    static func confirmSignOut(_ session: Session) -> Page {
        Page(
            title: "Sign out?",
            body: """
                <p>You are signed in as \(SessionView(session: session).displayName).</p>
                <div class="actions">\(signOutForm)<a class="button quiet" href="\(Paths.start)">Stay signed in</a></div>
                """,
            hasForm: true
        )
    }

    /// Asked before another site's link replaces the session of somebody who is signed in (ASVS 7.6.2).
    static func confirmSignIn(_ session: Session, login: NewLogin) -> Page {
        Page(
            title: "Sign in again?",
            body: """
                <p>Another site sent you here to sign in. You are signed in as \
                \(SessionView(session: session).displayName).</p>
                <p class="actions"><a class="button" href="\(Paths.login(login))">Sign in again</a>\
                <a class="button quiet" href="\(login.returnTo.path)">Stay signed in</a></p>
                """
        )
    }

    /// Where to sign in, when nobody has said so.
    static func chooseProvider(_ logins: [NewLogin]) -> Page {
        let buttons = logins.map(signInButton)
        return Page(
            title: "Where do you want to sign in?",
            body: "<p class=\"actions\">\(buttons)</p>"
        )
    }

    private static let signOutForm: HTML = """
        <form method="post" action="\(Paths.logout)"><button class="button" type="submit">Sign out</button></form>
        """

    private static let ownSessionsLink: HTML = """
        <a class="button quiet" href="\(Paths.sessions)">All your sessions</a>
        """

    private static func signInButton(_ login: NewLogin = NewLogin()) -> HTML {
        let label = login.provider.map { "Sign in with \($0)" } ?? "Sign in"
        return "<a class=\"button\" href=\"\(Paths.login(login))\">\(label)</a>\n"
    }
}

extension Paths {
    /// The link that starts a login.
    static func login(_ login: NewLogin) -> String {
        var parameters: [String] = []
        if login.returnTo != .root {
            parameters.append("return_to=" + FormCoding.encode(login.returnTo.path, keepsSlash: true))
        }
        if let provider = login.provider {
            parameters.append("provider=" + FormCoding.encode(provider, keepsSlash: true))
        }
        let options = login.options
        let asked: [(LoginParameter, String?)] = [
            (.loginHint, options.loginHint), (.prompt, options.prompt.joined(separator: " ").nonEmpty),
            (.maximumAge, options.maximumAuthenticationAge.map { String($0.components.seconds) }),
            (.uiLocales, options.uiLocales.joined(separator: " ").nonEmpty),
        ]
        for case (let parameter, let value?) in asked {
            parameters.append(parameter.name + "=" + FormCoding.encode(value))
        }
        return parameters.isEmpty ? Self.login : Self.login + "?" + parameters.joined(separator: "&")
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
