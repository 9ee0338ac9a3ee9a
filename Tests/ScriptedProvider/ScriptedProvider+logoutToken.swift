import Foundation
public import OpenIDConnect
import Synchronization

extension ScriptedProvider {
    /// A logout token (Back-Channel Logout section 2.4), correct but for what is changed.
    ///
    /// - Parameters:
    ///   - claims: members to set, or to remove with nil.
    ///   - header: members to set, or to remove with nil.
    ///   - key: what signs; by default the key that signs ID tokens.
    ///   - fault: what becomes of the signature.
    public func logoutToken(
        _ claims: [String: JSONValue?] = [:],
        header: [String: JSONValue?] = [:],
        key: ScriptedKey? = nil,
        fault: Misbehaviour.SignatureFault? = nil
    ) throws -> String {
        let key = key ?? keys[0]
        let standard: [String: JSONValue] = [
            "iss": .string(issuer), "aud": .string(client.id), "iat": .integer(nowSeconds),
            "exp": .integer(nowSeconds + 120), "jti": .string(Base64URL.random(12)), "sub": "alice-1",
            "sid": "op-session-1", "events": ["http://schemas.openid.net/event/backchannel-logout": [:]],
        ]
        var head: [String: JSONValue] = ["alg": .string(key.algorithm), "typ": "logout+jwt"]
        head["kid"] = key.kid.map(JSONValue.string)
        return try sign(
            header: head.merging(header),
            payload: Array(JSONValue.object(standard.merging(claims)).serialized().utf8),
            key: key,
            fault: fault
        )
    }
}
