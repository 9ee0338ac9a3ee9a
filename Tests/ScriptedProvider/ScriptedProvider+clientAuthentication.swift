import Crypto
import Foundation
import OpenIDConnect
import Synchronization

extension ScriptedProvider {
    /// Whether the client proves itself by the registered method and no other.
    func isAuthenticated(_ request: HTTPTransportRequest, form: WireForm) -> Bool {
        let header = request.header("Authorization")
        switch client.authenticationMethod {
        case "client_secret_basic":
            guard let header, header.hasPrefix("Basic "), form["client_secret"] == nil,
                form["client_assertion"] == nil, let decoded = Data(base64Encoded: String(header.dropFirst(6)))
            else { return false }
            // RFC 6749 section 2.3.1: both halves are form-urlencoded before they are joined.
            let halves = String(decoding: decoded, as: UTF8.self).split(
                separator: ":",
                omittingEmptySubsequences: false
            )
            guard halves.count == 2 else { return false }
            return WireForm("v=" + halves[0])["v"] == client.id && WireForm("v=" + halves[1])["v"] == client.secret
                && form["client_id"].map { $0 == client.id } ?? true
        case "client_secret_post":
            return header == nil && form["client_id"] == client.id && form["client_secret"] == client.secret
                && form["client_assertion"] == nil
        case "client_secret_jwt":
            return header == nil
                && isAsserted(form) { token in
                    // RFC 7518 section 3.2: at least as many bytes as the hash has.
                    let secret = Data(client.secret.utf8)
                    let key = SymmetricKey(data: secret)
                    let bytes = token.signedBytes
                    return switch token.header["alg"] {
                    case "HS256" where secret.count >= 32:
                        HMAC<SHA256>.isValidAuthenticationCode(token.signature, authenticating: bytes, using: key)
                    case "HS384" where secret.count >= 48:
                        HMAC<SHA384>.isValidAuthenticationCode(token.signature, authenticating: bytes, using: key)
                    case "HS512" where secret.count >= 64:
                        HMAC<SHA512>.isValidAuthenticationCode(token.signature, authenticating: bytes, using: key)
                    default: false
                    }
                }
        case "private_key_jwt":
            return header == nil && isAsserted(form) { $0.isSigned(by: client.publicKey) }
        default:
            return header == nil && form["client_id"] == client.id && form["client_secret"] == nil
                && form["client_assertion"] == nil
        }
    }

    /// RFC 7523 section 3 and Core section 9, as strictly as FAPI 2.0: the audience is the issuer as a string, an
    /// assertion is used once and lives a minute.
    private func isAsserted(_ form: WireForm, isSigned: (ReceivedToken) -> Bool) -> Bool {
        guard form["client_secret"] == nil, form["client_id"].map({ $0 == client.id }) ?? true,
            form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            let token = form["client_assertion"].flatMap(ReceivedToken.init), isSigned(token)
        else { return false }
        let claims = token.claims
        guard claims["iss"] == .string(client.id), claims["sub"] == .string(client.id),
            claims["aud"] == .string(client.assertionAudience ?? issuer),
            token.header["typ"].map({ $0 == "JWT" }) ?? true,
            let issued = claims["iat"]?.numberValue, let expiry = claims["exp"]?.numberValue,
            let id = claims["jti"]?.stringValue, id.utf8.count >= 16
        else { return false }
        let now = Double(nowSeconds)
        guard issued <= now, issued > now - 60, expiry > now, expiry <= issued + 60 else { return false }
        return state.withLock { $0.seenTokenIDs.insert(id).inserted }
    }
}
