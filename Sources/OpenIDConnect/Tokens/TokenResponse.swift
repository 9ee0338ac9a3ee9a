import Secrets

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// A successful answer of the token endpoint (RFC 6749 section 5.1), before its type and the ID token in it are judged.
struct TokenResponse: Sendable {
    /// No token of any kind may be longer.
    static let maximumTokenBytes = 64 * 1024
    /// A lifetime beyond ten years is cut to that.
    static let maximumLifetime = 315_360_000.0

    let accessToken: Secret<String>
    let lifetime: Double?
    let refreshToken: Secret<String>?
    let idToken: Secret<String>?
    let scopes: [String]?
    private let hasExpectedType: Bool

    /// - Parameter type: the only type that the access token may have.
    init(_ response: HTTPTransportResponse, type: String) throws(OpenIDConnectError) {
        let members = response.jsonObject()
        // Some providers refuse with status 200.
        guard response.status == 200, let members, (members["error"] ?? .null) == .null else {
            throw EndpointRefusal.token.error(response, members: members)
        }
        guard let accessToken = try Self.token("access_token", in: members) else { throw Self.invalid("access_token") }
        hasExpectedType = members["token_type"]?.stringValue?.hasSameASCIILetters(as: type) == true
        self.accessToken = accessToken
        refreshToken = try Self.token("refresh_token", in: members)
        idToken = try Self.token("id_token", in: members)
        switch members["expires_in"] {
        case nil, .null: lifetime = nil
        case .some(let value):
            // Some providers send the number as a string. By now the code is spent, and the meaning is plain.
            let digits = value.stringValue.flatMap { $0.utf8.count <= 16 ? Int64($0) : nil }
            guard let seconds = value.numberValue ?? digits.map(Double.init), seconds >= 0 else {
                throw Self.invalid("expires_in")
            }
            lifetime = min(seconds, Self.maximumLifetime)
        }
        switch members["scope"] {
        case nil, .null: scopes = nil
        case .string(let text): scopes = text.split(separator: " ").map(String.init)
        default: throw Self.invalid("scope")
        }
    }

    /// RFC 6749 section 7.1: a client must not use a token of a type that it does not know; RFC 9449 section 5: nor one that
    /// is not bound to its key when it asked for that.
    ///
    /// The answer is one all the same: by now the refresh token that was sent may be spent, and the one in the answer the
    /// only one that is good.
    func checkType() throws(OpenIDConnectError) {
        guard hasExpectedType else { throw Self.invalid("token_type") }
    }

    /// When the access token ends, counted from `now`.
    func accessTokenExpiry(from now: Date) -> Date? {
        lifetime.map { now.addingTimeInterval($0) }
    }

    /// RFC 6749 appendices A.12 and A.17: visible ASCII, so nothing in a token can end a header line.
    private static func token(
        _ name: String,
        in members: [String: JSONValue]
    ) throws(OpenIDConnectError) -> Secret<String>? {
        guard let value = members[name], value != .null else { return nil }
        guard let text = value.stringValue, (1...maximumTokenBytes).contains(text.utf8.count), text.isPrintableASCII
        else { throw invalid(name) }
        return Secret(text)
    }

    private static func invalid(_ member: String) -> OpenIDConnectError {
        OpenIDConnectError(.tokenResponseInvalid, "token endpoint: \(member) is missing or malformed")
    }
}
