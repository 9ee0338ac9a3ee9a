#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What the development provider listens on, whom it knows, and how long what it hands out lives.
public struct DevelopmentProviderConfiguration: Sendable {
    /// The loopback name or address to listen on: `127.0.0.1`, `::1` or `localhost`; anything else is refused.
    public var host: String
    /// The port to listen on, 0 to 65535.
    ///
    /// 0 takes the port of the last start with the same ``directory`` when it is free, so that the issuer stays the
    /// same, and any free port otherwise.
    public var port: Int
    /// The applications that may send people here.
    public var clients: [DevelopmentClient]
    /// The people to choose from.
    public var users: [DevelopmentUser]
    /// Where the signing key, sessions and refresh grants are kept over a restart; made (mode 0700) when missing.
    public var directory: URL
    /// Lifetime of an authorization code: a minute, since only the redirect lies between.
    public var authorizationCodeLifetime: Duration = .seconds(60)
    /// Lifetime of an access token and of an ID token.
    public var accessTokenLifetime: Duration = .seconds(300)
    /// Lifetime of a refresh token, counted anew with each rotation.
    public var refreshTokenLifetime: Duration = .seconds(30 * 24 * 3600)
    /// How long a browser stays signed in at the provider, for `prompt=none`.
    public var providerSessionLifetime: Duration = .seconds(8 * 3600)
    /// How long a page with a question stays answerable.
    public var questionLifetime: Duration = .seconds(900)
    /// The present; replaced by tests.
    public var now: @Sendable () -> Date = { Date() }

    /// Describes a provider with the default lifetimes.
    public init(
        host: String = "127.0.0.1",
        port: Int = 0,
        directory: URL,
        clients: [DevelopmentClient],
        users: [DevelopmentUser] = DevelopmentUser.examples
    ) {
        self.host = host
        self.port = port
        self.clients = clients
        self.users = users
        self.directory = directory
    }
}

extension DevelopmentProviderConfiguration {
    /// The issuer identifier: scheme, host and port, without a path.
    func issuer(port: Int) -> String {
        "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// Names that can't be reached from another machine.
    static let loopbackHosts: Set<String> = ["127.0.0.1", "::1", "localhost"]

    /// Refuses what would be unsafe or could not work.
    func validate() throws(DevelopmentProviderError) {
        // Anybody who reaches this provider is anybody they like: it must not leave the machine.
        guard Self.loopbackHosts.contains(host) else {
            throw DevelopmentProviderError(
                .notLoopback,
                "the development provider listens on loopback only, not \(host)"
            )
        }
        guard (0...65_535).contains(port) else {
            throw DevelopmentProviderError(.invalidConfiguration, "port \(port) is not between 0 and 65535")
        }
        guard !users.isEmpty, Set(users.map(\.subject)).count == users.count else {
            throw DevelopmentProviderError(
                .invalidConfiguration,
                "users must have different subjects, and there must be one"
            )
        }
        guard Set(clients.map(\.id)).count == clients.count else {
            throw DevelopmentProviderError(.invalidConfiguration, "two clients have the same id")
        }
        for uri in clients.flatMap({ $0.redirectURIs + $0.postLogoutRedirectURIs }) {
            // RFC 6749, section 3.1.2: absolute, no fragment.
            guard uri.hasPrefix("http://") || uri.hasPrefix("https://"), !uri.contains("#"),
                uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                throw DevelopmentProviderError(
                    .invalidConfiguration,
                    "\(uri) is not an absolute http URL without a fragment"
                )
            }
        }
    }
}
