import OpenIDConnect

/// What of a provider goes beyond the plain code flow: each is off unless it is set.
extension SettingsReader {
    mutating func readProtocol(into options: inout ProviderConfiguration.Options) {
        options.clientKey = signingKey(.clientKey, algorithm: .clientKeyAlgorithm, keyID: .clientKeyID)
        let audience = choice(.clientAssertionAudience, AssertionAudience.allCases.map { ($0.rawValue, $0) })
        if let audience { options.assertionAudience = audience }
        options.dpopKey = signingKey(.dpopKey)
        let pushing = choice(.pushedAuthorization, PushedAuthorization.allCases.map { ($0.rawValue, $0) })
        if let pushing { options.pushedAuthorization = pushing }
        options.userInfoSigningAlgorithm = algorithm(.userInfoSigningAlgorithm)
        if options.userInfoSigningAlgorithm != nil, !options.usesUserInfo, isOwn(.userInfoSigningAlgorithm) {
            report(.userInfoSigningAlgorithm, "is for signed userinfo, and OIDC_USERINFO is not true")
        }
        if text(.maximumAge) != nil {
            let seconds = integer(.maximumAge, default: 0, in: 0...31_536_000, unit: "seconds")
            options.maximumAuthenticationAge = .seconds(seconds)
        }
        options.requiredAuthenticationContexts = words(.acrValues)
        options.prompt = words(.prompt)
    }

    private mutating func signingKey(
        _ name: SettingName,
        algorithm algorithmName: SettingName? = nil,
        keyID: SettingName? = nil
    ) -> ClientSigningKey? {
        let algorithm = algorithmName.flatMap { self.algorithm($0) }
        let identifier = keyID.flatMap { text($0) }
        guard let key = secret(name) else {
            // One that can't be read has been reported.
            guard !isSet(name) else { return nil }
            if let keyID, identifier != nil { report(keyID, "names a key, and \(name.rawValue) is not set") }
            if let algorithmName, isOwn(algorithmName), algorithm != nil {
                report(algorithmName, "is for a key, and \(name.rawValue) is not set")
            }
            return nil
        }
        do {
            return try ClientSigningKey(key, algorithm: algorithm, keyID: identifier)
        } catch {
            // The message is about the key, and holds nothing of it.
            report(name, error.message.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? error.message)
            return nil
        }
    }

    private mutating func algorithm(_ name: SettingName) -> SigningAlgorithm? {
        choice(name, SigningAlgorithm.standard.map { ($0.name, $0) })
    }

    mutating func words(_ name: SettingName) -> [String] {
        text(name).map { $0.split(separator: " ").map(String.init) } ?? []
    }
}
