/// A column whose values are sealed; its name is part of what a seal is bound to.
enum SealedColumn: String, CaseIterable, Sendable {
    case nonce
    case state
    case codeVerifier = "code_verifier"
    case accessToken = "access_token"
    case refreshToken = "refresh_token"
    case idToken = "id_token"
    case loginContext = "login_context"

    /// Sealed values are padded to a multiple of this many bytes, so that their length says little about them.
    var paddingBlock: Int {
        switch self {
        case .nonce, .state, .codeVerifier: 64
        case .accessToken, .refreshToken, .idToken, .loginContext: 256
        }
    }

    /// No value is shorter than this when it is sealed.
    ///
    /// 1536 bytes are 2099 characters once sealed: the access token alone makes the row so long (more than 2 kB) that
    /// Postgres moves the sealed values out of line, where a touch doesn't copy them.
    var minimumBytes: Int { self == .accessToken ? 1536 : 0 }
}
