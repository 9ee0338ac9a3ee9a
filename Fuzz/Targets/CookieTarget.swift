import Crypto
import Foundation
import HTTPTypes
import LoginFlow
import Secrets

@testable import SessionServer
@testable import Sessions

extension FuzzTarget {
    /// `Cookie` fields, one a line.
    static let cookies = FuzzTarget(
        name: "cookies",
        maximumBytes: 65_536,
        dictionary: [
            "__Host-oidc_session=", "__Host-oidc_login_", "__Host-oidc_logout=", "sid=", "; ", "=", "\"", "\t", "%2E",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ]
    ) { bytes in
        try CookieCheck().run(bytes)
    }
}

private struct CookieCheck {
    let jar: CookieJar
    private let secret = "a secret of another system's"

    init() throws {
        guard let base = BaseURL("https://app.example") else { throw Violation(description: "no base URL") }
        var settings = ServerSettings(baseURL: base)
        settings.documentedSessionCookieName = "sid"
        settings.documentedSessionCookieFormat = .betterAuth(secret: Secret(secret))
        jar = CookieJar(settings: settings, policy: SessionPolicy())
    }

    func run(_ bytes: [UInt8]) throws {
        var headers = HTTPFields()
        // More fields the listener doesn't take.
        for line in FuzzInput.lines(bytes).prefix(256) { headers.append(HTTPField(name: .cookie, value: line)) }
        let cookies = jar.cookies(of: headers)
        let sent = Dictionary(grouping: Self.pairs(headers[values: .cookie]), by: \.name)
        for name in cookies.names {
            let values = (sent[Array(name.utf8)] ?? []).map(\.value)
            try expect(isOurs(name) && !values.isEmpty, "a cookie was read that is not ours, or was not sent")
            switch cookies[name] {
            case .absent: throw Violation(description: "a name without a cookie")
            case .one(let value):
                try expect(values == [Array(value.utf8)], "a value that was not sent, or one of several")
            case .ambiguous: try expect(values.count > 1 || !Self.isVisible(values[0]), "one good cookie is ambiguous")
            }
        }
        for (name, pairs) in sent where Self.isVisible(name) && pairs.count == 1 && Self.isVisible(pairs[0].value) {
            let text = String(decoding: name, as: UTF8.self)
            guard isOurs(text) else { continue }
            try expect(cookies[text] != .ambiguous && cookies[text] != .absent, "a good cookie is not found")
        }
        try checkSession(cookies)
        try checkEviction(cookies)
        try checkAgain(cookies)
        for line in FuzzInput.lines(bytes).prefix(4) { try checkSigned(line) }
    }

    private func isOurs(_ name: String) -> Bool {
        [jar.sessionName, jar.logoutName, "sid"].contains(name) || name.hasPrefix(jar.loginPrefix)
    }

    /// What presents a session is the session cookie, byte for byte.
    private func checkSession(_ cookies: RequestCookies) throws {
        guard let id = jar.sessionID(cookies) else { return }
        if case .one(let value) = cookies[jar.sessionName] {
            try expect(Array(id.value.reveal().utf8) == Array(value.utf8), "the session is not the cookie's")
            try expect(value.utf8.count == 43, "a session id of another length")
        } else {
            try expect(cookies[jar.sessionName] == .absent, "an old cookie counts beside ambiguous ones")
        }
    }

    private func checkEviction(_ cookies: RequestCookies) throws {
        let spared = cookies.names.first { $0.hasPrefix(jar.loginPrefix) } ?? ""
        let evicted = jar.evicted(cookies, sparing: spared)
        try expect(evicted.count <= 20 && Set(evicted).count == evicted.count, "too many deletions, or one twice")
        try expect(!evicted.contains(spared), "the login that begins is deleted")
        try expect(evicted.allSatisfy(cookies.names.contains), "a cookie is deleted that is not there")
    }

    /// What was read says the same when it is sent again.
    private func checkAgain(_ cookies: RequestCookies) throws {
        let pairs = cookies.names.compactMap { name -> String? in
            guard case .one(let value) = cookies[name] else { return nil }
            return "\(name)=\(value)"
        }
        var headers = HTTPFields()
        headers.append(HTTPField(name: .cookie, value: pairs.joined(separator: "; ")))
        let again = jar.cookies(of: headers)
        try expect(again.names.count == pairs.count, "another number of cookies when they come again")
        try expect(again.names.allSatisfy { again[$0] == cookies[$0] }, "another value when it comes again")
    }

    /// A cookie of the system before is a session exactly when it is signed.
    private func checkSigned(_ line: String) throws {
        let format = DocumentedCookieFormat.betterAuth(secret: Secret(secret))
        let code = Data(HMAC<SHA256>.authenticationCode(for: Array(line.utf8), using: key)).base64EncodedString()
        let unreserved = CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "0"..."9"))
        if let cookie = "\(line).\(code)".addingPercentEncoding(withAllowedCharacters: unreserved) {
            let isPossible = cookie.utf8.count <= 1024 && SessionID(documented: line) != nil
            try expect((format.sessionID(cookie) != nil) == isPossible, "a signature is judged wrongly")
        }
        guard let id = format.sessionID(line), let text = line.removingPercentEncoding else { return }
        let value = id.value.reveal()
        let expected = Data(HMAC<SHA256>.authenticationCode(for: Array(value.utf8), using: key))
        let signature = text.utf8.suffix(44)
        try expect(Data(base64Encoded: String(Substring(signature))) == expected, "a session without a signature")
    }

    private var key: SymmetricKey { SymmetricKey(data: Array(secret.utf8)) }

    /// RFC 6265 section 4.2.1, told another way: cut at semicolons, then at the first equals sign.
    private static func pairs(_ fields: [String]) -> [(name: [UInt8], value: [UInt8])] {
        fields.flatMap { field in
            Array(field.utf8).split(separator: UInt8(ascii: ";")).compactMap { piece in
                guard let equals = piece.firstIndex(of: UInt8(ascii: "=")) else { return nil }
                return (trimmed(piece[..<equals]), trimmed(piece[equals...].dropFirst()))
            }
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        return Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    private static func isVisible(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { (0x21...0x7E).contains($0) } }
}
