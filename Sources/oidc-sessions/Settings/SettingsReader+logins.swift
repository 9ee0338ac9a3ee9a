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
}
