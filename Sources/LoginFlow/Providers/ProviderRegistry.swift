public import OpenIDConnect

/// The providers that users may sign in at, by name.
public struct ProviderRegistry: Sendable {
    /// The names in the order of configuration; the first is the one that a login without a choice takes.
    public let names: [String]
    /// The provider of a login that names none.
    public let `default`: RelyingParty
    private let byName: [String: RelyingParty]

    /// A registry of one provider.
    public init(_ provider: RelyingParty) {
        self.names = [provider.configuration.name]
        self.default = provider
        self.byName = [provider.configuration.name: provider]
    }

    /// A registry of several, the first being the default.
    ///
    /// - Throws: ``LoginError/Code/misconfigured`` when there is none, or two have one name.
    public init(_ providers: [RelyingParty]) throws(LoginError) {
        guard let first = providers.first else { throw LoginError(.misconfigured, "there is no provider") }
        self.names = providers.map(\.configuration.name)
        self.default = first
        self.byName = Dictionary(providers.map { ($0.configuration.name, $0) }) { first, _ in first }
        guard byName.count == providers.count else {
            throw LoginError(.misconfigured, "two providers have the same name")
        }
    }

    /// The provider of that name.
    public subscript(name: String) -> RelyingParty? { byName[name] }

    /// The provider that vouched for a session: of that name, or the first of that issuer when no name was remembered;
    /// nil when it isn't configured any more, or stands for another issuer now, which must not see the other's tokens.
    func vouching(name: String?, issuer: String?) -> RelyingParty? {
        guard let issuer else { return nil }
        let provider = name.map { byName[$0] } ?? all.first { $0.configuration.issuer.hasSameBytes(as: issuer) }
        return provider.flatMap { $0.configuration.issuer.hasSameBytes(as: issuer) ? $0 : nil }
    }

    /// Every provider, in the order of configuration.
    public var all: [RelyingParty] { names.compactMap { byName[$0] } }
}
