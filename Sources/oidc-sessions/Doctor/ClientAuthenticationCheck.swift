import OpenIDConnect

/// Whether provider and client agree on how the client proves itself.
struct ClientAuthenticationCheck {
    private static let name = "client authentication"

    let configuration: ProviderConfiguration
    let metadata: ProviderMetadata

    var finding: Finding {
        guard let method = try? configuration.authenticationMethod(at: metadata) else {
            let own = configuration.options.clientKey == nil ? "a method with a client secret" : "private_key_jwt"
            return .fail(Self.name, "the provider offers \(offered), not \(own): change OIDC_TOKEN_AUTH_METHOD")
        }
        // Discovery section 3: nothing said means client_secret_basic.
        let methods =
            metadata.tokenEndpointAuthenticationMethods ?? [ClientAuthenticationMethod.clientSecretBasic.rawValue]
        guard methods.containsBytes(of: method.rawValue) else { return notOffered(method) }
        switch method {
        case .privateKeyJWT:
            guard let key = configuration.options.clientKey, let known = metadata.tokenEndpointAuthenticationAlgorithms,
                !known.containsBytes(of: key.algorithm.name)
            else { break }
            let list = known.prefix(10).joined(separator: ", ")
            return .fail(
                Self.name,
                "the provider takes \(list), not \(key.algorithm): change OIDC_CLIENT_KEY_ALGORITHM"
            )
        case .clientSecretJWT:
            do {
                _ = try configuration.macAlgorithm(at: metadata)
            } catch {
                return .fail(Self.name, error.message)
            }
        case .clientSecretBasic, .clientSecretPost, .none: break
        }
        return .ok(Self.name, method.rawValue)
    }

    private func notOffered(_ method: ClientAuthenticationMethod) -> Finding {
        switch method {
        // A public client is often accepted and not announced.
        case .none:
            return .warn(
                Self.name,
                "the provider offers \(offered), and OIDC_CLIENT_SECRET is not set: set it unless the client is public"
            )
        case _ where metadata.tokenEndpointAuthenticationMethods == nil:
            return .warn(
                Self.name,
                "the provider doesn't say that it takes \(method.rawValue); it is sent all the same"
            )
        default:
            return .fail(
                Self.name,
                "the provider offers \(offered), not \(method.rawValue): change OIDC_TOKEN_AUTH_METHOD"
            )
        }
    }

    private var offered: String {
        (metadata.tokenEndpointAuthenticationMethods ?? [ClientAuthenticationMethod.clientSecretBasic.rawValue])
            .prefix(10).joined(separator: ", ")
    }
}
