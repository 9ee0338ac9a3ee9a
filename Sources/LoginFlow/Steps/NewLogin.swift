public import OpenIDConnect

/// A login to start.
public struct NewLogin: Sendable, Hashable {
    /// The name of the provider; nil takes the default.
    public var provider: String?
    /// Where the browser goes afterwards.
    public var returnTo: ReturnTo
    /// What it asks of the provider beyond the configuration; none of it makes the configuration's demands smaller.
    public var options: AuthorizationOptions

    /// A login at a provider.
    public init(
        provider: String? = nil,
        returnTo: ReturnTo = .root,
        options: AuthorizationOptions = AuthorizationOptions()
    ) {
        self.provider = provider
        self.returnTo = returnTo
        self.options = options
    }
}

extension AuthorizationOptions {
    /// The same, with what a configuration demands: its prompts as well, and the shorter of two ages.
    ///
    /// `none` beside another prompt is impossible, so that of two demands the one for a visible step stands.
    func demanding(_ configured: ProviderConfiguration.Options) -> AuthorizationOptions {
        var options = self
        if !configured.prompt.isEmpty, !prompt.isEmpty {
            let visible = (configured.prompt + prompt.filter { !configured.prompt.containsBytes(of: $0) })
                .filter { $0 != "none" }
            options.prompt = visible.isEmpty ? ["none"] : visible
        }
        if let age = configured.maximumAuthenticationAge {
            options.maximumAuthenticationAge = min(maximumAuthenticationAge ?? age, age)
        }
        return options
    }
}
