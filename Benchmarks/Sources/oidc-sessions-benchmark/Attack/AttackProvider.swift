import Crypto
import Foundation
import Synchronization

/// The least that is a provider: it signs whatever nonce the code says, so that a login needs no page, and counts.
final class AttackProvider: Sendable {
    private let key = P256.Signing.PrivateKey()
    private let issuerText = Mutex("")
    private let counts = Mutex<[String: Int]>([:])

    var issuer: String { issuerText.withLock { $0 } }

    /// Requests so far by path.
    func count(_ path: String) -> Int { counts.withLock { $0[path, default: 0] } }

    func start() throws {
        let port = try Wire.listen { [self] wire in
            while let head = try? wire.head(), let target = head.first?.split(separator: " ").dropFirst().first,
                let body = try? wire.body(of: head)
            {
                let path = String(target.prefix { $0 != "?" })
                counts.withLock { $0[path, default: 0] += 1 }
                let text = answer(path, body)
                let answer =
                    "HTTP/1.1 \(text == nil ? "404 Not Found" : "200 OK")\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(text?.utf8.count ?? 0)\r\n\r\n\(text ?? "")"
                guard (try? wire.send(answer)) != nil else { return }
            }
        }
        issuerText.withLock { $0 = "http://127.0.0.1:\(port)" }
    }

    private func answer(_ path: String, _ body: String) -> String? {
        switch path {
        case "/.well-known/openid-configuration": metadata
        case "/keys": keys
        case "/token": token(body)
        default: nil
        }
    }

    private var metadata: String {
        """
        {"issuer":"\(issuer)","authorization_endpoint":"\(issuer)/authorize","token_endpoint":"\(issuer)/token",\
        "jwks_uri":"\(issuer)/keys","response_types_supported":["code"],"subject_types_supported":["public"],\
        "id_token_signing_alg_values_supported":["ES256"],"code_challenge_methods_supported":["S256"],\
        "token_endpoint_auth_methods_supported":["client_secret_post"],"backchannel_logout_supported":true}
        """
    }

    private var keys: String {
        let point = key.publicKey.rawRepresentation
        return """
            {"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"benchmark",\
            "x":"\(Self.base64URL(point.prefix(32)))","y":"\(Self.base64URL(point.suffix(32)))"}]}
            """
    }

    /// The code is `user.nonce`.
    private func token(_ form: String) -> String? {
        guard let code = form.split(separator: "&").first(where: { $0.hasPrefix("code=") })?.dropFirst(5),
            let dot = code.firstIndex(of: ".")
        else { return nil }
        let now = Int(Date().timeIntervalSince1970)
        let claims = """
            {"iss":"\(issuer)","aud":"benchmark","sub":"\(code[..<dot])","nonce":"\(code[code.index(after: dot)...])",\
            "iat":\(now),"exp":\(now + 3600),"name":"Ada Lovelace","email":"ada@example.org"}
            """
        let signed =
            Self.base64URL(Data(#"{"alg":"ES256","kid":"benchmark"}"#.utf8)) + "." + Self.base64URL(Data(claims.utf8))
        guard let signature = try? key.signature(for: Data(signed.utf8)) else { return nil }
        return """
            {"access_token":"\(String(repeating: "a", count: 1200))","token_type":"Bearer","expires_in":3600,\
            "id_token":"\(signed).\(Self.base64URL(signature.rawRepresentation))"}
            """
    }

    /// A logout token as a stranger can make it: everything fits but the key, which nobody has.
    func forgedLogoutToken() -> String {
        let now = Int(Date().timeIntervalSince1970)
        let header = #"{"alg":"ES256","typ":"logout+jwt","kid":"\#(UUID().uuidString)"}"#
        let claims = """
            {"iss":"\(issuer)","aud":"benchmark","iat":\(now),"exp":\(now + 120),"jti":"\(UUID().uuidString)",\
            "sub":"victim","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}
            """
        let signature = Data((0..<64).map { _ in UInt8.random(in: 0...255) })
        return [Data(header.utf8), Data(claims.utf8), signature].map(Self.base64URL).joined(separator: ".")
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
