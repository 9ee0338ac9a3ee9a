/// A login to start.
public struct NewLogin: Sendable, Hashable {
    /// The name of the provider; nil takes the default.
    public var provider: String?
    /// Where the browser goes afterwards.
    public var returnTo: ReturnTo

    /// A login at a provider.
    public init(provider: String? = nil, returnTo: ReturnTo = .root) {
        self.provider = provider
        self.returnTo = returnTo
    }
}
