import OpenIDConnect
import Secrets
import Sessions

/// The tokens of one grant that are of no use here any more.
struct RevocableTokens: Sendable {
    let accessToken: Secret<String>?
    let refreshToken: Secret<String>?

    /// What there is, the refresh token first: providers take its access tokens back with it (RFC 7009 section 2.1).
    var ordered: [(token: Secret<String>, kind: TokenKind)] {
        var tokens: [(token: Secret<String>, kind: TokenKind)] = []
        if let refreshToken { tokens.append((refreshToken, .refreshToken)) }
        if let accessToken { tokens.append((accessToken, .accessToken)) }
        return tokens
    }
}

extension RevocableTokens {
    init(_ session: EndedSession) {
        self.init(accessToken: session.accessToken, refreshToken: session.refreshToken)
    }

    init(_ tokens: TokenSet) {
        self.init(accessToken: tokens.accessToken, refreshToken: tokens.refreshToken)
    }

    init(_ tokens: RefreshedTokens) {
        self.init(accessToken: tokens.accessToken, refreshToken: tokens.refreshToken)
    }
}
