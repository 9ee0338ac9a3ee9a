import OpenIDConnect

/// Whether the provider says that it can do what is configured beyond the plain code flow.
///
/// What is not configured is not mentioned.
struct FeatureChecks {
    let options: ProviderConfiguration.Options
    let metadata: ProviderMetadata

    var findings: [Finding] {
        [pushedRequests, proofs, signedUserInfo, contexts].compactMap { $0 }
    }

    private var pushedRequests: Finding? {
        let name = "pushed requests"
        switch options.pushedAuthorization {
        case .never where metadata.requiresPushedAuthorization:
            return .fail(name, "the provider demands them: take OIDC_PUSHED_AUTHORIZATION=never out")
        case .automatic where metadata.requiresPushedAuthorization, .always:
            guard metadata.pushedAuthorizationEndpoint == nil else { return .ok(name, "sent before each login") }
            return .fail(name, "the provider has no usable pushed_authorization_request_endpoint")
        case .automatic, .never: return nil
        }
    }

    private var proofs: Finding? {
        guard let key = options.dpopKey else { return nil }
        guard metadata.dpopAlgorithms?.isEmpty == false else {
            return .fail("DPoP", "the provider doesn't say that it knows it, and nobody signs in: remove OIDC_DPOP_KEY")
        }
        return offer("DPoP", key.algorithm, among: metadata.dpopAlgorithms, setting: "OIDC_DPOP_KEY")
    }

    private var signedUserInfo: Finding? {
        guard let algorithm = options.userInfoSigningAlgorithm else { return nil }
        let name = "signed userinfo"
        // The process's value is every provider's, and those that aren't asked have no use for it.
        guard options.usesUserInfo else { return nil }
        let offered = metadata.userInfoSigningAlgorithms
        return offer(name, algorithm, among: offered, setting: "OIDC_USERINFO_SIGNING_ALGORITHM")
    }

    private var contexts: Finding? {
        guard let offered = metadata.authenticationContexts else { return nil }
        let missing = options.requiredAuthenticationContexts.filter { !offered.containsBytes(of: $0) }
        guard !missing.isEmpty else { return nil }
        let list = missing.joined(separator: " ")
        return .warn("acr", "the provider doesn't say that it knows \(list) of OIDC_ACR_VALUES")
    }

    private func offer(
        _ name: String,
        _ algorithm: SigningAlgorithm,
        among offered: [String]?,
        setting: String
    ) -> Finding {
        guard let offered else {
            return .warn(name, "the provider doesn't say that it knows it, and \(setting) is set")
        }
        guard offered.containsBytes(of: algorithm.name) else {
            let list = offered.prefix(10).joined(separator: ", ")
            return .fail(name, "the provider offers \(list), not \(algorithm): change \(setting)")
        }
        return .ok(name, algorithm.name)
    }
}
