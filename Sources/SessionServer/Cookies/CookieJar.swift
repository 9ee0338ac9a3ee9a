import Crypto
import HTTPTypes
import LoginFlow
import Secrets
import Sessions
import WireText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Our two kinds of cookies: one names the session, the others a started login each.
struct CookieJar: Sendable {
    private static let maximumDeletions = 20

    let sessionName: String
    let loginPrefix: String
    let logoutName: String
    let isSecure: Bool
    let maximumPendingLogins: Int
    let documentedName: String?
    let documentedFormat: DocumentedCookieFormat
    let sessionSeconds: Int
    let loginSeconds: Int

    init(settings: ServerSettings, policy: SessionPolicy) {
        // A browser keeps `__Host-` cookies from being set by a sibling domain or for a part of the site only
        // (RFC 6265bis section 4.1.3.2); it takes them over https alone.
        let prefix = settings.baseURL.isSecure ? "__Host-" : ""
        self.sessionName = prefix + settings.sessionCookieName
        self.loginPrefix = prefix + settings.loginCookiePrefix
        self.logoutName = prefix + settings.logoutCookieName
        self.isSecure = settings.baseURL.isSecure
        self.maximumPendingLogins = max(settings.maximumPendingLogins, 1)
        self.documentedName = settings.documentedSessionCookieName
        self.documentedFormat = settings.documentedSessionCookieFormat
        self.sessionSeconds = Int(policy.absoluteLifetime.components.seconds)
        self.loginSeconds = Int(policy.loginLifetime.components.seconds)
    }

    func cookies(of headers: HTTPFields) -> RequestCookies {
        RequestCookies(headers) { name in
            name.elementsEqual(sessionName.utf8) || name.starts(with: loginPrefix.utf8)
                || name.elementsEqual(logoutName.utf8)
                || documentedName.map { name.elementsEqual($0.utf8) } == true
        }
    }

    // MARK: Session

    /// The id that a request presents; nil for none, several, or what no id looks like.
    func sessionID(_ cookies: RequestCookies) -> SessionID? {
        switch cookies[sessionName] {
        case .one(let value): return SessionID(value)
        case .absent:
            guard let documentedName, case .one(let value) = cookies[documentedName] else { return nil }
            return documentedFormat.sessionID(value)
        case .ambiguous: return nil
        }
    }

    func set(_ session: SessionID) -> SetCookie {
        cookie(sessionName, session.value.reveal(), maxAge: sessionSeconds)
    }

    var clearedSession: [SetCookie] {
        ([sessionName] + (documentedName.map { [$0] } ?? [])).map { cookie($0, "", maxAge: 0) }
    }

    // MARK: Sign-outs under way

    /// Remembers what the provider sends the browser back with.
    func setLogout(_ state: Secret<String>) -> SetCookie {
        cookie(logoutName, state.reveal(), maxAge: loginSeconds)
    }

    /// Whether this browser comes back from the sign-out that it went to the provider for.
    func isReturning(state: String, _ cookies: RequestCookies) -> Bool {
        guard case .one(let value) = cookies[logoutName], !state.isEmpty else { return false }
        return value.utf8.elementsEqual(state.utf8)
    }

    var clearedLogout: SetCookie { cookie(logoutName, "", maxAge: 0) }

    // MARK: Started logins

    /// Sets the cookie of a new login, and drops the oldest ones so that not more than the maximum are left.
    func set(_ login: StartedLogin, beside cookies: RequestCookies) -> [SetCookie] {
        let name = loginName(state: login.login.state)
        let sameSite: SetCookie.SameSite = login.usesFormPost ? .none : .lax
        let seconds = Int(login.login.createdAt.timeIntervalSince1970)
        let value = login.login.id.value.reveal() + "." + String(seconds, radix: 16)
        return [cookie(name, value, maxAge: loginSeconds, sameSite: sameSite)]
            + evicted(cookies, sparing: name).map { cookie($0, "", maxAge: 0, sameSite: sameSite) }
    }

    /// The login that a callback with this state may finish.
    func pendingLogin(state: Secret<String>, _ cookies: RequestCookies) -> PendingLoginID? {
        guard case .one(let value) = cookies[loginName(state: state)] else { return nil }
        return PendingLoginID(String(value.prefix { $0 != "." }))
    }

    func clearedLogin(state: Secret<String>, usesFormPost: Bool) -> SetCookie {
        cookie(loginName(state: state), "", maxAge: 0, sameSite: usesFormPost ? .none : .lax)
    }

    /// The name tells the attempts of several tabs apart: 48 bits of the state's digest, which say nothing about it.
    private func loginName(state: Secret<String>) -> String {
        loginPrefix + Hexadecimal.encode(SHA256.hash(data: Array(state.reveal().utf8)).prefix(6))
    }

    func evicted(_ cookies: RequestCookies, sparing name: String) -> [String] {
        let present = cookies.names.filter { $0.utf8.starts(with: loginPrefix.utf8) && $0 != name }
        let newestFirst = present.sorted { (age(of: cookies[$0]), $0) > (age(of: cookies[$1]), $1) }
        // Hundreds of planted cookies would make an answer that no proxy passes on; the rest goes with the next one.
        return Array(newestFirst.dropFirst(maximumPendingLogins - 1).prefix(Self.maximumDeletions))
    }

    /// When a login was started; what we can't read counts as old.
    private func age(of presence: RequestCookies.Presence) -> Int {
        guard case .one(let value) = presence, let dot = value.firstIndex(of: ".") else { return 0 }
        return Int(value[value.index(after: dot)...], radix: 16) ?? 0
    }

    private func cookie(
        _ name: String,
        _ value: String,
        maxAge: Int,
        sameSite: SetCookie.SameSite = .lax
    ) -> SetCookie {
        SetCookie(name: name, value: value, maxAge: maxAge, isSecure: isSecure, sameSite: sameSite)
    }
}
