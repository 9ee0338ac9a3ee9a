public import OpenIDConnect
import Synchronization

/// The providers that users may sign in at, by name.
///
/// Copies share what they hold, so that ``replace(_:)`` is seen by all.
public struct ProviderRegistry: Sendable {
    private final class Parties: Sendable {
        let byName: Mutex<[String: RelyingParty]>

        init(_ byName: [String: RelyingParty]) { self.byName = Mutex(byName) }
    }

    /// The names in the order of configuration.
    public let names: [String]
    /// The name of the provider of a login that names none; nil when people have to choose.
    public let defaultName: String?
    private let parties: Parties

    /// A registry of one provider.
    public init(_ provider: RelyingParty) {
        self.names = [provider.configuration.name]
        self.defaultName = provider.configuration.name
        self.parties = Parties([provider.configuration.name: provider])
    }

    /// A registry of several, the first being the default.
    ///
    /// - Throws: ``LoginError/Code/misconfigured`` when there is none, or two have one name.
    public init(_ providers: [RelyingParty]) throws(LoginError) {
        try self.init(providers, default: providers.first?.configuration.name)
    }

    /// A registry of several.
    ///
    /// - Parameter name: The provider of a login that names none; nil: people choose, unless there is only one.
    /// - Throws: ``LoginError/Code/misconfigured`` when there is none, two have one name, or none has that of the default.
    public init(_ providers: [RelyingParty], default name: String?) throws(LoginError) {
        guard let first = providers.first else { throw LoginError(.misconfigured, "there is no provider") }
        let byName = Dictionary(providers.map { ($0.configuration.name, $0) }) { first, _ in first }
        guard byName.count == providers.count else {
            throw LoginError(.misconfigured, "two providers have the same name")
        }
        if let name, byName[name] == nil { throw LoginError(.misconfigured, "the default is none of the providers") }
        self.names = providers.map(\.configuration.name)
        self.defaultName = name ?? (providers.count == 1 ? first.configuration.name : nil)
        self.parties = Parties(byName)
    }

    /// The provider of a login that names none; nil when people have to choose.
    public var `default`: RelyingParty? { defaultName.flatMap { self[$0] } }

    /// The provider of that name.
    public subscript(name: String) -> RelyingParty? { parties.byName.withLock { $0[name] } }

    /// The provider that vouched for a session: of that name, or the first of that issuer when no name was remembered;
    /// nil when it isn't configured any more, or stands for another issuer now, which must not see the other's tokens.
    func vouching(name: String?, issuer: String?) -> RelyingParty? {
        guard let issuer else { return nil }
        let provider = name.map { self[$0] } ?? all.first { $0.configuration.issuer.hasSameBytes(as: issuer) }
        return provider.flatMap { $0.configuration.issuer.hasSameBytes(as: issuer) ? $0 : nil }
    }

    /// Every provider, in the order of configuration.
    public var all: [RelyingParty] { names.compactMap { self[$0] } }

    /// Puts a client in the place of the one of the same name, as when its secret was changed; what is under way ends
    /// with the old one.
    ///
    /// - Returns: false when there is none of that name, and nothing was done.
    @discardableResult
    public func replace(_ provider: RelyingParty) -> Bool {
        parties.byName.withLock { byName in
            guard byName[provider.configuration.name] != nil else { return false }
            byName[provider.configuration.name] = provider
            return true
        }
    }
}
