extension SettingName {
    private static let providerPrefix = "OIDC_"

    /// Whether every provider has its own value of it: then it may be a member of a provider's object in the
    /// configuration file, under its name without `OIDC_` and in lower case.
    ///
    /// What links from outside may do is the process's: there is one address for all providers.
    var isOfProvider: Bool {
        rawValue.hasPrefix(Self.providerPrefix) && self != .thirdPartyLogin && self != .loginParameters
    }

    /// Whether the process's value, from flags, environment or the top of the file, is the default of every provider.
    ///
    /// What says who we are to one provider is nothing that another may see: secrets above all.
    var isProviderDefault: Bool {
        isOfProvider && !isSecret && ![.issuer, .clientID, .clientKeyID].contains(self)
    }

    /// Whether the value is a list: in the file it may be an array of strings.
    var isList: Bool {
        switch self {
        case .scopes, .allowedAlgorithms, .acrValues, .prompt: true
        default: false
        }
    }

    /// What a provider's object calls it under each of its spellings: `client_secret` and `client_secret_file`.
    var providerMembers: [(spelling: String, member: String)] {
        guard isOfProvider else { return [] }
        return spellings.map { ($0, $0.dropFirst(Self.providerPrefix.utf8.count).lowercased()) }
    }
}
