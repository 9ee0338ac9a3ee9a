extension ProviderMetadata {
    /// Judges a discovery document.
    ///
    /// What logins need must be there and usable. The rest counts as absent when it is not usable: a provider with a
    /// wrong logout address still signs users in.
    ///
    /// - Parameter onUnusable: called with the name of each member that is there and left out.
    init(
        _ document: [String: JSONValue],
        issuer: String,
        onUnusable: @escaping (String) -> Void
    ) throws(OpenIDConnectError) {
        // Discovery section 4.3: identical, or the document is somebody else's.
        guard let stated = document["issuer"]?.stringValue, stated.hasSameBytes(as: issuer) else {
            throw OpenIDConnectError(.metadataIssuerMismatch, "discovery: the document is another issuer's")
        }
        guard let issuerURL = CheckedURL(issuer) else { throw Self.invalid("issuer") }
        let reader = Reader(document: document, issuer: issuerURL, onUnusable: onUnusable)
        self.issuer = stated
        authorizationEndpoint = try reader.requiredEndpoint("authorization_endpoint")
        tokenEndpoint = try reader.requiredEndpoint("token_endpoint")
        jwksURI = try reader.requiredEndpoint("jwks_uri")
        userInfoEndpoint = reader.optionalEndpoint("userinfo_endpoint")
        endSessionEndpoint = reader.optionalEndpoint("end_session_endpoint")
        revocationEndpoint = reader.optionalEndpoint("revocation_endpoint")
        pushedAuthorizationEndpoint = reader.optionalEndpoint("pushed_authorization_request_endpoint")
        requiresPushedAuthorization = document["require_pushed_authorization_requests"] == .bool(true)
        tokenEndpointAuthenticationAlgorithms = reader.optionalList("token_endpoint_auth_signing_alg_values_supported")
        authenticationContexts = reader.optionalList("acr_values_supported")
        dpopAlgorithms = reader.optionalList("dpop_signing_alg_values_supported")
        userInfoSigningAlgorithms = reader.optionalList("userinfo_signing_alg_values_supported")
        tokenEndpointAuthenticationMethods = reader.optionalList("token_endpoint_auth_methods_supported")
        // RS256 is the one that every provider must support (Discovery section 3).
        idTokenSigningAlgorithms = try reader.list("id_token_signing_alg_values_supported") ?? ["RS256"]
        codeChallengeMethods = reader.optionalList("code_challenge_methods_supported")
        promisesIssuerInResponse = document["authorization_response_iss_parameter_supported"] == .bool(true)
        supportsBackChannelLogout = document["backchannel_logout_supported"] == .bool(true)
    }

    private static func invalid(_ member: String) -> OpenIDConnectError {
        OpenIDConnectError(.metadataInvalid, "discovery: \(member) is missing or not usable")
    }

    private struct Reader {
        let document: [String: JSONValue]
        let issuer: CheckedURL
        let onUnusable: (String) -> Void

        func requiredEndpoint(_ name: String) throws(OpenIDConnectError) -> String {
            guard let endpoint = try endpoint(name) else { throw invalid(name) }
            return endpoint
        }

        /// An endpoint may be on another host, but not on this machine or its link when the issuer is not: nothing that
        /// a provider says makes us call our own neighbours.
        func endpoint(_ name: String) throws(OpenIDConnectError) -> String? {
            guard let value = document[name], value != .null else { return nil }
            guard let text = value.stringValue, let url = CheckedURL(text),
                !url.isNeighbour || issuer.isLoopback || url.host == issuer.host, url.parameterNames != nil
            else { throw invalid(name) }
            return text
        }

        /// The endpoint; nil as well when nothing may be sent there.
        func optionalEndpoint(_ name: String) -> String? {
            do { return try endpoint(name) } catch {
                onUnusable(name)
                return nil
            }
        }

        /// The list; nil as well when it is none.
        func optionalList(_ name: String) -> [String]? {
            do { return try list(name) } catch {
                onUnusable(name)
                return nil
            }
        }

        func list(_ name: String) throws(OpenIDConnectError) -> [String]? {
            guard let value = document[name], value != .null else { return nil }
            guard let list = value.stringArrayValue else { throw invalid(name) }
            return list
        }
    }
}
