import Secrets

extension SessionAttributes {
    /// No column takes more; a login with larger claims fails with a clear error instead of filling the database.
    private static let maximumTokenBytes = 65_536
    private static let maximumProfileBytes = 65_536
    private static let maximumUserAgentCharacters = 512

    /// - Throws: ``SessionError/Code/tooLarge`` or ``SessionError/Code/invalidInput``; the message names the attribute.
    func validate() throws(SessionError) {
        try Self.check(subject, name: "subject", maximumBytes: 255)
        try Self.check(tenantID, name: "tenantID", maximumBytes: 255)
        try Self.check(issuer, name: "issuer", maximumBytes: 2048)
        try Self.check(provider, name: "provider", maximumBytes: 255)
        try Self.check(providerSessionID, name: "providerSessionID", maximumBytes: 1024)
        try Self.check(ipAddress, name: "ipAddress", maximumBytes: 64)
        try Self.check(deviceLabel, name: "deviceLabel", maximumBytes: 255)
        if let subject, subject.isEmpty { throw SessionError(.invalidInput, "subject is empty") }
        for (secret, name) in [
            (nonce, "nonce"), (state, "state"), (codeVerifier, "codeVerifier"), (accessToken, "accessToken"),
            (refreshToken, "refreshToken"), (idToken, "idToken"),
        ] {
            try Self.check(secret?.reveal(), name: name, maximumBytes: Self.maximumTokenBytes)
        }
        try Self.check(.object(profile), name: "profile")
        try Self.check(.array(roles.map { .string($0) }), name: "roles")
    }

    private static func check(_ value: JSONValue, name: String) throws(SessionError) {
        // jsonb refuses the escape that stands for it.
        guard !value.containsNUL else { throw SessionError(.invalidInput, "\(name) contains U+0000") }
        try check(value.serialized(), name: name, maximumBytes: maximumProfileBytes)
    }

    static func check(_ text: String?, name: String, maximumBytes: Int) throws(SessionError) {
        guard let text else { return }
        guard text.utf8.count <= maximumBytes else {
            throw SessionError(.tooLarge, "\(name) has more than \(maximumBytes) bytes")
        }
        // Postgres has no U+0000 in text.
        guard !text.utf8.contains(0) else { throw SessionError(.invalidInput, "\(name) contains U+0000") }
    }

    /// A `User-Agent` as it is stored: what a browser sends is anybody's text.
    static func stored(userAgent: String) -> String {
        let printable = userAgent.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        return String(String.UnicodeScalarView(printable.prefix(maximumUserAgentCharacters)))
    }

    /// These attributes after a login: a subject, the tokens of the update, and nothing that the login is done with.
    func signedIn(by update: SessionUpdate, subject: String) -> SessionAttributes {
        var result = self
        result.nonce = nil
        result.state = nil
        result.codeVerifier = nil
        result.apply(update)
        result.subject = subject
        result.issuer = update.issuer ?? issuer
        return result
    }

    /// Applies everything in an update but the subject and the lifetime.
    mutating func apply(_ update: SessionUpdate) {
        update.nonce.apply(to: &nonce)
        update.state.apply(to: &state)
        update.codeVerifier.apply(to: &codeVerifier)
        update.accessToken.apply(to: &accessToken)
        update.refreshToken.apply(to: &refreshToken)
        update.idToken.apply(to: &idToken)
        update.accessTokenExpiresAt.apply(to: &accessTokenExpiresAt)
        update.providerSessionID.apply(to: &providerSessionID)
        update.userAgent.apply(to: &userAgent)
        update.ipAddress.apply(to: &ipAddress)
        update.deviceLabel.apply(to: &deviceLabel)
        for (name, value) in update.profile {
            profile[name] = value
        }
        if let roles = update.roles { self.roles = roles }
    }
}

extension SessionUpdate.Change {
    func apply(to value: inout Value?) {
        switch self {
        case .keep: break
        case .set(let new): value = new
        case .clear: value = nil
        }
    }

    /// The new value, when there is one.
    var newValue: Value? {
        guard case .set(let value) = self else { return nil }
        return value
    }

    /// Whether the attribute stays as it is.
    var isKeep: Bool {
        guard case .keep = self else { return false }
        return true
    }
}

extension SessionUpdate {
    /// The same limits as at creation.
    func validated() throws(SessionError) -> SessionUpdate {
        var attributes = SessionAttributes()
        attributes.apply(self)
        attributes.subject = subject
        attributes.issuer = issuer
        try attributes.validate()
        for name in profile.keys where name.utf8.contains(0) {
            throw SessionError(.invalidInput, "profile contains U+0000")
        }
        var result = self
        if case .set(let value) = userAgent {
            result.userAgent = .set(SessionAttributes.stored(userAgent: value))
        }
        return result
    }
}

extension UserKey {
    func validate() throws(SessionError) {
        try SessionAttributes.check(tenantID, name: "tenantID", maximumBytes: 255)
        try SessionAttributes.check(issuer, name: "issuer", maximumBytes: 2048)
        try SessionAttributes.check(subject, name: "subject", maximumBytes: 255)
        // Anonymous sessions are nobody's: they aren't listed or ended as somebody's.
        if subject.isEmpty { throw SessionError(.invalidInput, "subject is empty") }
    }
}

extension NewPendingLogin {
    func validate() throws(SessionError) {
        for (text, name) in [
            (state.reveal(), "state"), (nonce.reveal(), "nonce"), (codeVerifier.reveal(), "codeVerifier"),
            (issuer, "issuer"), (provider, "provider"), (redirectURI, "redirectURI"), (returnTo, "returnTo"),
        ] {
            try SessionAttributes.check(text, name: name, maximumBytes: 2048)
        }
        try SessionAttributes.check(tenantID, name: "tenantID", maximumBytes: 255)
    }
}
