/// One `Set-Cookie` field: host-only, for the whole site, out of reach of scripts.
struct SetCookie: Sendable, Hashable {
    enum SameSite: String, Sendable {
        case lax = "Lax"
        /// For the answer that a provider has the browser post: a cross-site POST brings no `Lax` cookie.
        case none = "None"
    }

    /// Browsers cut a longer life to 400 days (RFC 6265bis section 5.5).
    static let maximumAge = 400 * 86_400

    var name: String
    var value: String
    /// In seconds; 0 deletes.
    var maxAge: Int
    var isSecure: Bool
    var sameSite: SameSite

    /// The field value: always the same attributes in the same order, and no `Domain`, so that `__Host-` holds and a
    /// deletion meets the cookie that was set.
    var fieldValue: String {
        let age = min(max(maxAge, 0), Self.maximumAge)
        return "\(name)=\(value); Max-Age=\(age); Path=/; HttpOnly\(isSecure ? "; Secure" : "")"
            + "; SameSite=\(sameSite.rawValue)"
    }
}
