import Crypto
import Foundation
public import Secrets
import Sessions

/// What the session cookie of the system before holds.
public struct DocumentedCookieFormat: Sendable {
    private enum Value: Sendable {
        case plain
        case betterAuth(Secret<String>)
    }

    private let value: Value

    /// The session's id as it is: the documented system, Auth.js with sessions in a database.
    public static let plain = DocumentedCookieFormat(value: .plain)

    /// `<id>.<signature>`, percent-encoded, the signature base64 of HMAC-SHA-256 over the id: Better Auth.
    ///
    /// - Parameter secret: the other system's secret, as text; what it didn't sign is no session.
    public static func betterAuth(secret: Secret<String>) -> DocumentedCookieFormat {
        DocumentedCookieFormat(value: .betterAuth(secret))
    }

    /// The id in a cookie; nil for what the other system can't have sent.
    func sessionID(_ cookie: String) -> SessionID? {
        switch value {
        case .plain: SessionID(documented: cookie)
        case .betterAuth(let secret): Self.signed(cookie, secret).flatMap { SessionID(documented: $0) }
        }
    }

    /// better-call's `signCookieValue`: an id, a dot, and 44 characters of base64.
    private static func signed(_ cookie: String, _ secret: Secret<String>) -> String? {
        guard cookie.utf8.count <= 1024, let text = cookie.removingPercentEncoding,
            let dot = text.utf8.lastIndex(of: UInt8(ascii: "."))
        else { return nil }
        let signature = text[text.index(after: dot)...]
        guard signature.utf8.count == 44, let code = Data(base64Encoded: String(signature)) else { return nil }
        let id = text[..<dot]
        let key = SymmetricKey(data: Array(secret.reveal().utf8))
        // In constant time.
        let isSigned = HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(id.utf8), using: key)
        return isSigned ? String(id) : nil
    }
}
