import Foundation
import Logging
import OpenIDConnect

/// What `doctor` asks the provider.
struct ProviderChecks {
    let configuration: ProviderConfiguration
    let transport: ObservedTransport

    init(_ configuration: ProviderConfiguration, transport: ObservedTransport) {
        self.configuration = configuration
        self.transport = transport
    }

    func run(_ report: (Finding) -> Void) async {
        let silent = Logger(label: "oidc-sessions") { _ in SwiftLogNoOpLogHandler() }
        let party = RelyingParty(configuration: configuration, transport: transport, logger: silent)
        do {
            let metadata = try await party.metadata()
            report(.ok("provider", "\(metadata.issuer), as its discovery document says"))
            report(pkce(metadata))
            report(ClientAuthenticationCheck(configuration: configuration, metadata: metadata).finding)
            report(endpoints(metadata))
            for finding in FeatureChecks(options: configuration.options, metadata: metadata).findings {
                report(finding)
            }
        } catch {
            report(.fail("provider", discoveryFailure(error)))
            return
        }
        do {
            let (count, algorithms) = try await party.usableAlgorithms()
            report(keys(count, algorithms))
        } catch {
            report(.fail("provider keys", "\(Self.text(error)): see jwks_uri of the discovery document"))
        }
        if let clock = transport.clock { report(self.clock(clock)) }
    }

    private func discoveryFailure(_ error: any Error) -> String {
        let text = Self.text(error)
        let failure = error as? OpenIDConnectError
        switch failure?.code {
        case .metadataIssuerMismatch?:
            return "\(text): OIDC_ISSUER must be the document's issuer byte for byte, the slash at its end too"
        case .providerUnavailable? where (failure?.underlying as? HTTPTransportError)?.code == .untrustedCertificate:
            return "\(text): see that its authority is in this system's store (SSL_CERT_FILE is not read)"
        case .providerUnavailable?:
            return "\(text): see that \(configuration.issuer)/.well-known/openid-configuration can be fetched from here"
        default:
            return "\(text): see that OIDC_ISSUER is the issuer and not an endpoint"
        }
    }

    private func pkce(_ metadata: ProviderMetadata) -> Finding {
        guard let methods = metadata.codeChallengeMethods else {
            return .warn("PKCE", "the provider doesn't say that it knows S256; it is sent all the same")
        }
        guard methods.contains("S256") else {
            return .fail("PKCE", "the provider knows no S256: turn it on for this client at the provider")
        }
        return .ok("PKCE", "S256")
    }

    private func endpoints(_ metadata: ProviderMetadata) -> Finding {
        if configuration.options.usesUserInfo, metadata.userInfoEndpoint == nil {
            return .fail("endpoints", "OIDC_USERINFO is true, and the provider has no usable userinfo_endpoint")
        }
        if metadata.endSessionEndpoint == nil {
            return .warn(
                "endpoints",
                "the provider has no usable end_session_endpoint: sign-out ends the session here only"
            )
        }
        return .ok(
            "endpoints",
            "authorization, token, end_session" + (metadata.userInfoEndpoint == nil ? "" : ", userinfo")
        )
    }

    private func keys(_ count: Int, _ algorithms: [SigningAlgorithm]) -> Finding {
        guard !algorithms.isEmpty else {
            return .fail(
                "provider keys",
                "none of its \(count) keys fits an algorithm that the provider announces and OIDC_ALLOWED_ALGORITHMS allows"
            )
        }
        return .ok("provider keys", "\(count), for \(algorithms.map(\.name).joined(separator: " "))")
    }

    private func clock(_ clock: ClockComparison) -> Finding {
        let allowed = configuration.options.clockSkew
        let what = "the provider's clock is \(clock.description)"
        if clock.certain >= Double(allowed.components.seconds) {
            return .fail(
                "provider clock",
                "\(what), more than OIDC_CLOCK_SKEW_SECONDS=\(allowed.components.seconds): set this machine's by NTP"
            )
        }
        if clock.certain >= 5 { return .warn("provider clock", "\(what): set this machine's by NTP") }
        return .ok("provider clock", what)
    }

    /// Only what is known to be safe to show.
    private static func text(_ error: any Error) -> String {
        (error as? OpenIDConnectError)?.message ?? "\(type(of: error))"
    }
}
