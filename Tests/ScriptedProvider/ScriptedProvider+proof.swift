import Crypto
import Foundation
import OpenIDConnect
import Synchronization

/// The provider's side of DPoP (RFC 9449 section 4.3).
extension ScriptedProvider {
    struct Proof {
        /// Whose key the request proves; nil for a request without proof.
        var thumbprint: String?
        var refusal: HTTPTransportResponse?
    }

    /// Whose nonces are kept apart, though both are on one origin (RFC 9449 section 9).
    enum NonceServer: String {
        case token = "as-"
        case resource = "rs-"
    }

    /// Judges the proof of a request, if it has one.
    ///
    /// - Parameter accessToken: at a resource, the token beside the proof.
    func proof(in request: HTTPTransportRequest, accessToken: String? = nil) -> Proof {
        let proofs = request.headers.filter { $0.name.lowercased() == "dpop" }
        guard let text = proofs.first?.value else {
            return client.bindsTokens ? Proof(refusal: refusal("invalid_dpop_proof", accessToken)) : Proof()
        }
        guard proofs.count == 1, let token = ReceivedToken(text), let key = token.header["jwk"]?.objectValue,
            token.header["typ"] == "dpop+jwt", Set(["d", "p", "q", "k"]).isDisjoint(with: key.keys),
            token.isSigned(by: key), token.claims["htm"] == .string(request.method.rawValue),
            token.claims["htu"] == .string(String(request.url.prefix { $0 != "?" })),
            let issued = token.claims["iat"]?.numberValue, abs(issued - Double(nowSeconds)) <= 5,
            // 96 bits at least.
            let id = token.claims["jti"]?.stringValue, Base64URL.decode(id).count >= 12,
            state.withLock({ $0.seenTokenIDs.insert(id).inserted }),
            token.claims["ath"]?.stringValue == accessToken.map(Self.hash)
        else { return Proof(refusal: refusal("invalid_dpop_proof", accessToken)) }
        if let script = nonceScript {
            let nonce = token.claims["nonce"]?.stringValue ?? ""
            let isGood = state.withLock { state in
                nonce.hasPrefix(Self.server(accessToken).rawValue)
                    && (script == .oneUse ? state.proofNonces.remove(nonce) != nil : state.proofNonces.contains(nonce))
            }
            guard isGood, script != .neverContent else {
                return Proof(refusal: refusal("use_dpop_nonce", accessToken))
            }
        }
        return Proof(thumbprint: ScriptedKey.thumbprint(of: key))
    }

    /// The thumbprints of the keys that the proofs at the token endpoint were made with, in their order.
    public func proofKeys() -> [String] {
        requests(to: .token).compactMap { request in
            request.request.headers.first { $0.name.lowercased() == "dpop" }
                .flatMap { ReceivedToken($0.value)?.header["jwk"]?.objectValue }
                .map(ScriptedKey.thumbprint)
        }
    }

    /// Makes the nonces that were given out worth nothing.
    public func expireProofNonce() { state.withLock { $0.proofNonces = [] } }

    /// What an answer says about the next proof.
    func freshNonce(of server: NonceServer) -> [(name: String, value: String)] {
        guard let script = nonceScript else { return [] }
        let fresh = server.rawValue + Base64URL.random(9)
        let nonce = state.withLock { state in
            let given = state.proofNonces.first { $0.hasPrefix(server.rawValue) }
            if script == .lasting, let given { return given }
            state.proofNonces.insert(fresh)
            return fresh
        }
        return [("DPoP-Nonce", nonce)]
    }

    private static func server(_ accessToken: String?) -> NonceServer {
        accessToken == nil ? .token : .resource
    }

    private static func hash(_ token: String) -> String {
        Base64URL.encode(Data(SHA256.hash(data: Data(token.utf8))))
    }

    private var nonceScript: Misbehaviour.Nonces? {
        for case .demandsNonces(let script) in state.withLock({ $0.misbehaviours }) { return script }
        return nil
    }

    private func refusal(_ error: String, _ accessToken: String?) -> HTTPTransportResponse {
        let nonce = freshNonce(of: Self.server(accessToken))
        guard accessToken != nil else {
            return .json(["error": .string(error)], status: 400, headers: nonce)
        }
        let challenge = (name: "WWW-Authenticate", value: #"Bearer realm="a, b", dPoP algs="ES256", error="\#(error)""#)
        return HTTPTransportResponse(status: 401, headers: [challenge] + nonce)
    }
}
