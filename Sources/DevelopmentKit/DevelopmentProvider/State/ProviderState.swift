import WireText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Everything the provider remembers. Codes and open pages end with the process; grants and sessions are saved.
actor ProviderState {
    private let directory: StateDirectory
    private let now: @Sendable () -> Date
    private var saved: SavedState
    private var codes: [String: AuthorizationCode] = [:]
    private var questions: [String: Question] = [:]

    /// Open pages are bounded: whoever asks for more pushes out the oldest.
    private static let questionLimit = 1_000

    init(directory: StateDirectory, now: @escaping @Sendable () -> Date) throws {
        self.directory = directory
        self.now = now
        saved = try directory.load()
    }

    private var seconds: Int { Int(now().timeIntervalSince1970) }

    /// A few kilobytes to a local disk for each login of one developer: not worth a thread of its own.
    private func save() throws {
        let seconds = seconds
        saved.grants = saved.grants.filter { $0.value.expiresAt > seconds }
        saved.sessions = saved.sessions.filter { $0.value.expiresAt > seconds }
        try directory.save(saved)
    }
}

// MARK: The port, which is part of the issuer

extension ProviderState {
    /// The port of the last start.
    var lastPort: Int? { saved.port }

    func remember(port: Int) throws {
        guard saved.port != port else { return }
        saved.port = port
        try save()
    }
}

// MARK: Pages that wait for an answer

extension ProviderState {
    /// Remembers a question; the result is what the page's form carries.
    func ask(_ subject: Question.Subject, browser: String, lifetime: Duration) -> String {
        let seconds = seconds
        questions = questions.filter { $0.value.expiresAt > seconds }
        if questions.count >= Self.questionLimit,
            let oldest = questions.min(by: { $0.value.expiresAt < $1.value.expiresAt })
        {
            questions[oldest.key] = nil
        }
        let id = RandomToken.make()
        questions[RandomToken.digest(id)] = Question(
            subject: subject,
            browser: RandomToken.digest(browser),
            expiresAt: seconds + Int(lifetime.components.seconds)
        )
        return id
    }

    /// The question, once, and only for the browser that was asked.
    func answer(_ id: String, browser: String) -> Question.Subject? {
        let key = RandomToken.digest(id)
        guard let question = questions[key], question.browser == RandomToken.digest(browser) else { return nil }
        questions[key] = nil
        return question.expiresAt > seconds ? question.subject : nil
    }
}

// MARK: Sessions of browsers

extension ProviderState {
    func session(cookie: String) -> ProviderSession? {
        saved.sessions[RandomToken.digest(cookie)].flatMap { $0.expiresAt > seconds ? $0 : nil }
    }

    /// Signs a browser in: a new cookie each time, the old one is worth nothing afterwards.
    ///
    /// The same person again stays in the same session (`sid`), so that one sign-out ends all of it.
    func startSession(
        subject: String,
        clientID: String,
        replacing old: String?,
        lifetime: Duration
    ) throws -> (cookie: String, session: ProviderSession) {
        let cookie = RandomToken.make()
        let previous = old.flatMap { self.session(cookie: $0) }.flatMap { $0.subject == subject ? $0 : nil }
        let session = ProviderSession(
            id: previous?.id ?? RandomToken.make(),
            subject: subject,
            clientIDs: (previous?.clientIDs ?? []).union([clientID]),
            authenticatedAt: seconds,
            expiresAt: seconds + Int(lifetime.components.seconds)
        )
        if let old { saved.sessions[RandomToken.digest(old)] = nil }
        saved.sessions[RandomToken.digest(cookie)] = session
        try save()
        return (cookie, session)
    }

    /// Ends a session with its grants, except those that were asked to work offline
    /// (OpenID Connect Core 1.0, section 11).
    func endSession(id: String) throws {
        saved.sessions = saved.sessions.filter { $0.value.id != id }
        saved.grants = saved.grants.filter {
            $0.value.sessionID != id || $0.value.scopes.contains("offline_access")
        }
        try save()
    }
}

// MARK: Codes and grants

extension ProviderState {
    func issueCode(for request: AuthorizationRequest, session: ProviderSession, lifetime: Duration) -> String {
        let seconds = seconds
        // A used code is remembered for twice its life, so that a late second use is still seen.
        codes = codes.filter { $0.value.expiresAt + Int(lifetime.components.seconds) > seconds }
        let code = RandomToken.make()
        codes[RandomToken.digest(code)] = AuthorizationCode(
            request: request,
            session: session,
            expiresAt: seconds + Int(lifetime.components.seconds)
        )
        return code
    }

    /// Takes a code for the client it was issued to; a second time revokes what the first one gave.
    func redeem(_ code: String, clientID: String) throws -> RedeemedCode? {
        let key = RandomToken.digest(code)
        guard var entry = codes[key], entry.request.client.id == clientID else { return nil }
        if let grantID = entry.grantID {
            saved.grants[grantID] = nil
            try save()
            return nil
        }
        let grantID = RandomToken.make()
        entry.grantID = grantID
        codes[key] = entry
        guard entry.expiresAt > seconds else { return nil }
        return RedeemedCode(grantID: grantID, code: entry)
    }

    /// Turns a redeemed code into a grant with its first refresh token.
    func openGrant(_ redeemed: RedeemedCode, refreshLifetime: Duration) throws -> (grant: Grant, refreshToken: String) {
        let token = redeemed.grantID + "." + RandomToken.make()
        let grant = Grant(
            id: redeemed.grantID,
            clientID: redeemed.code.request.client.id,
            subject: redeemed.code.session.subject,
            scopes: redeemed.code.request.scopes,
            sessionID: redeemed.code.session.id,
            authenticatedAt: redeemed.code.session.authenticatedAt,
            refreshToken: RandomToken.digest(token),
            expiresAt: seconds + Int(refreshLifetime.components.seconds)
        )
        saved.grants[grant.id] = grant
        try save()
        return (grant, token)
    }

    /// Exchanges a refresh token for the next; a spent one ends the whole family (RFC 9700, section 4.14.2).
    func rotate(
        _ token: String,
        clientID: String,
        refreshLifetime: Duration
    ) throws -> (grant: Grant, refreshToken: String)? {
        guard let id = token.split(separator: ".").first.map(String.init),
            var grant = grant(id: id), grant.clientID == clientID
        else { return nil }
        let digest = RandomToken.digest(token)
        guard digest == grant.refreshToken else {
            if grant.spentRefreshTokens.contains(digest) {
                saved.grants[id] = nil
                try save()
            }
            return nil
        }
        let next = id + "." + RandomToken.make()
        grant.spentRefreshTokens.append(digest)
        grant.spentRefreshTokens = grant.spentRefreshTokens.suffix(Grant.spentLimit)
        grant.refreshToken = RandomToken.digest(next)
        grant.expiresAt = seconds + Int(refreshLifetime.components.seconds)
        saved.grants[id] = grant
        try save()
        return (grant, next)
    }

    /// Whether a refresh token is the one that works, without exchanging it.
    func currentGrant(_ token: String, clientID: String) -> Grant? {
        guard let id = token.split(separator: ".").first.map(String.init), let grant = grant(id: id),
            grant.clientID == clientID, grant.refreshToken == RandomToken.digest(token)
        else { return nil }
        return grant
    }

    func grant(id: String) -> Grant? {
        saved.grants[id].flatMap { $0.expiresAt > seconds ? $0 : nil }
    }
}

/// Proof that a code was taken for the first time.
struct RedeemedCode: Sendable {
    let grantID: String
    let code: AuthorizationCode
}
