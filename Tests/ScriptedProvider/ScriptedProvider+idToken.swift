import Crypto
import Foundation
public import OpenIDConnect
import Synchronization

extension ScriptedProvider {
    func idToken(for grant: Grant, accessToken: String, nonce: String?) throws -> String {
        let (keys, misbehaviours) = state.withLock { ($0.keys, $0.misbehaviours) }
        var key = keys[0]
        for case .idTokenKey(let other) in misbehaviours { key = other }

        var claims: [String: JSONValue] = [
            "iss": .string(issuer), "sub": .string(grant.user.subject), "aud": .string(client.id),
            "iat": .integer(nowSeconds), "exp": .integer(nowSeconds + 300),
            "auth_time": .integer(grant.authenticatedAt),
            "at_hash": .string(Self.leftHalfHash(accessToken, algorithm: key.algorithm)),
            "sid": "op-session-1",
        ]
        claims.merge(grant.user.claims) { own, _ in own }
        claims["nonce"] = nonce.map(JSONValue.string)
        var header: [String: JSONValue] = ["alg": .string(key.algorithm), "typ": "JWT"]
        header["kid"] = key.kid.map(JSONValue.string)
        var payload: [UInt8]?
        var fault: Misbehaviour.SignatureFault?
        for misbehaviour in misbehaviours {
            switch misbehaviour {
            case .idTokenClaim(let name, let value): claims[name] = value
            case .idTokenClaimAppends(let name, let text):
                claims[name] = .string((claims[name]?.stringValue ?? "") + text)
            case .idTokenHeader(let name, let value): header[name] = value
            case .idTokenPayload(let bytes): payload = bytes
            case .idTokenSignature(let other): fault = other
            case .idTokenReplaced(let text): return text
            default: break
            }
        }
        let token = try sign(
            header: header,
            payload: payload ?? Array(JSONValue.object(claims).serialized().utf8),
            key: key,
            fault: fault
        )
        _ = state.withLock { $0.issuedIDTokens.insert(token) }
        return token
    }

    /// A compact JWS of this header and payload.
    public func sign(
        header: [String: JSONValue],
        payload: [UInt8],
        key: ScriptedKey,
        fault: Misbehaviour.SignatureFault? = nil
    ) throws -> String {
        var header = header
        switch fault {
        case .hmacWithPEM, .hmacWithJWK, .hmacWithClientSecret: header["alg"] = "HS256"
        // An `alg` in the header that a script has set ("NONE", "nOnE") stays.
        case .unsigned where header["alg"] == .string(key.algorithm): header["alg"] = "none"
        default: break
        }
        let signed =
            Base64URL.encode(Array(JSONValue.object(header).serialized().utf8)) + "." + Base64URL.encode(payload)
        let input = Array(signed.utf8)
        func hmac(_ secret: String) -> [UInt8] {
            Array(HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: Array(secret.utf8))))
        }
        var signature = try key.sign(input)
        switch fault {
        case nil: break
        case .broken: signature[signature.count - 1] ^= 1
        case .empty, .unsigned: signature = []
        case .zero: signature = Array(repeating: 0, count: signature.count)
        case .short: signature.removeLast()
        case .long: signature.append(0)
        case .der: signature = try key.signDER(input)
        case .hmacWithPEM: signature = hmac(key.publicPEM)
        case .hmacWithJWK: signature = hmac((key.publicJWK["n"] ?? key.publicJWK["x"])?.stringValue ?? "")
        case .hmacWithClientSecret: signature = hmac(client.secret)
        }
        return signed + "." + Base64URL.encode(signature)
    }

    /// `at_hash` (Core section 3.1.3.6).
    public static func leftHalfHash(_ text: String, algorithm: String) -> String {
        let bytes = Array(text.utf8)
        let hash: [UInt8] =
            switch algorithm.suffix(3) {
            case "384": Array(SHA384.hash(data: bytes))
            case "512", "DSA", "519": Array(SHA512.hash(data: bytes))
            default: Array(SHA256.hash(data: bytes))
            }
        return Base64URL.encode(hash.prefix(hash.count / 2))
    }
}
