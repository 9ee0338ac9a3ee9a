import OpenIDConnect
import Synchronization

extension ScriptedProvider {
    var metadata: [String: JSONValue] {
        state.withLock { state in
            var document: [String: JSONValue] = [
                "issuer": .string(issuer),
                "authorization_endpoint": .string(issuer + "/authorize"),
                "token_endpoint": .string(issuer + "/token"),
                "userinfo_endpoint": .string(issuer + "/userinfo"),
                "end_session_endpoint": .string(issuer + "/end-session"),
                "pushed_authorization_request_endpoint": .string(issuer + "/par"),
                "revocation_endpoint": .string(issuer + "/revoke"),
                "jwks_uri": .string(issuer + state.keysPath),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": .array(
                    Set(state.keys.map(\.algorithm) + ["RS256"]).sorted().map(JSONValue.string)
                ),
                "token_endpoint_auth_methods_supported": [.string(client.authenticationMethod)],
                "dpop_signing_alg_values_supported": .array(SigningAlgorithm.standard.map { .string($0.name) }),
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": true,
            ]
            for case .metadata(let name, let value) in state.misbehaviours { document[name] = value }
            return document
        }
    }

    var publishedKeys: [JSONValue] {
        state.withLock { state in
            var keys = state.keys.map(\.publicJWK)
            var decoys: [JSONValue] = []
            for misbehaviour in state.misbehaviours {
                switch misbehaviour {
                case .keyMember(let name, let value): keys = keys.map { $0.merging([name: value]) }
                case .decoyKeys(let others): decoys += others
                case .publishedKeys(let others): return others
                default: break
                }
            }
            return decoys + keys.map(JSONValue.object)
        }
    }
}

extension [String: JSONValue] {
    /// Sets members, or removes them with nil.
    func merging(_ changes: [String: JSONValue?]) -> [String: JSONValue] {
        var result = self
        for (name, value) in changes { result[name] = value }
        return result
    }
}
