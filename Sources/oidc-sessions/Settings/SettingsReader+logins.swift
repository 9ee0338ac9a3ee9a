import SessionServer

extension SettingsReader {
    /// What a link to `/login` may ask for.
    mutating func loginParameters() -> Set<LoginParameter> {
        var parameters: Set<LoginParameter> = []
        for name in words(.loginParameters) {
            guard let parameter = LoginParameter.allCases.first(where: { $0.name == name }) else {
                let known = LoginParameter.allCases.map(\.name).joined(separator: " ")
                report(.loginParameters, "must be a list out of \(known)")
                return []
            }
            parameters.insert(parameter)
        }
        return parameters
    }

    /// Logins a minute from one address; nil: as many as anybody likes.
    ///
    /// While no proxy is trusted everybody seems to come from the address of the proxy, and would share one limit.
    mutating func loginRate(isBehindTrustedProxies: Bool) -> Int? {
        switch text(.loginRate) {
        case nil: isBehindTrustedProxies ? 600 : nil
        case "off": nil
        default: integer(.loginRate, default: 600, in: 1...100_000, unit: "logins a minute", or: "off")
        }
    }
}
