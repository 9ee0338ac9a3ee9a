import OpenIDConnect

extension QueryParameters {
    private static let visiblePrompts = ["login", "consent", "select_account"]
    private static let longestAge = 31_536_000

    /// What the query asks of the provider, as far as it may; what it can't ask is as good as absent.
    func options(permitting parameters: Set<LoginParameter>) -> AuthorizationOptions {
        func text(_ parameter: LoginParameter) -> String? {
            parameters.contains(parameter) ? self[parameter.name] : nil
        }
        func words(_ parameter: LoginParameter) -> [String] {
            text(parameter)?.split(separator: " ").map(String.init) ?? []
        }
        var options = AuthorizationOptions()
        options.loginHint = text(.loginHint)
        options.prompt = words(.prompt).filter { Self.visiblePrompts.containsBytes(of: $0) }
        options.uiLocales = words(.uiLocales)
        if let age = text(.maximumAge), (1...8).contains(age.utf8.count),
            age.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int(age), seconds <= Self.longestAge
        {
            options.maximumAuthenticationAge = .seconds(seconds)
        }
        return options
    }
}
