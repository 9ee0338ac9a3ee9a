import OpenIDConnect
import Secrets

extension SettingsReader {
    /// One provider: the process's own, or that of the object of the file that is being read.
    ///
    /// - Parameter required: whether it is reported when there is none.
    mutating func provider(named name: String, required: Bool) -> ProviderSettings? {
        let options = providerOptions()
        let secret = secret(.clientSecret)
        let issuer = text(.issuer)
        let clientID = text(.clientID)
        if required, issuer == nil {
            report(.issuer, "is not set; the provider's issuer URL, as its discovery document has it")
        }
        if required, clientID == nil { report(.clientID, "is not set; the client id registered at the provider") }
        guard let issuer, let clientID else { return nil }
        let provider = ProviderSettings(
            name: name,
            issuer: issuer,
            clientID: clientID,
            clientSecret: secret,
            options: options
        )
        do {
            // Judged before it is known for which tenants it is: those only add URIs that are known to be good.
            _ = try provider.configuration(redirectURI: "https://localhost/callback", postLogoutRedirectURI: nil)
            return provider
        } catch {
            // The message begins with the property that doesn't fit.
            let parts = error.message.split(separator: ": ", maxSplits: 1).map(String.init)
            let culprit = parts.first.flatMap { Self.settingOfProperty[$0] } ?? .issuer
            report(culprit, parts.count == 2 ? parts[1] : error.message)
            return nil
        }
    }

    private static let settingOfProperty: [String: SettingName] = [
        "issuer": .issuer, "clientID": .clientID, "clientSecret": .clientSecret,
        "postLogoutRedirectURI": .postLogoutRedirectURI, "scopes": .scopes, "clockSkew": .clockSkew,
        "allowedAlgorithms": .allowedAlgorithms, "clientKey": .clientKey, "prompt": .prompt,
        "requiredAuthenticationContexts": .acrValues,
    ]

    private mutating func providerOptions() -> ProviderConfiguration.Options {
        var options = ProviderConfiguration.Options()
        if let scopes = text(.scopes) {
            options.scopes = scopes.split(separator: " ").map(String.init)
        }
        options.authenticationMethod = choice(
            .tokenAuthMethod,
            ClientAuthenticationMethod.allCases.map { ($0.rawValue, $0) }
        )
        options.responseMode = choice(.responseMode, ResponseMode.allCases.map { ($0.rawValue, $0) })
        options.usesUserInfo = boolean(.userInfo, default: false)
        options.clockSkew = .seconds(integer(.clockSkew, default: 60, in: 0...299, unit: "seconds"))
        options.postLogoutRedirectURI = text(.postLogoutRedirectURI)
        if let algorithms = allowedAlgorithms() { options.allowedAlgorithms = algorithms }
        readProtocol(into: &options)
        options.revokesTokens = boolean(.revokeTokens, default: true)
        return options
    }

    private mutating func allowedAlgorithms() -> [SigningAlgorithm]? {
        guard let text = text(.allowedAlgorithms) else { return nil }
        var algorithms: [SigningAlgorithm] = []
        for name in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            guard let algorithm = SigningAlgorithm(name: String(name)) else {
                let known = SigningAlgorithm.standard.map(\.name).joined(separator: " ")
                report(.allowedAlgorithms, "must be a list out of \(known)")
                return nil
            }
            algorithms.append(algorithm)
        }
        return algorithms
    }
}
