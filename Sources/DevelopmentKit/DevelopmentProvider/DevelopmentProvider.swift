import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A real little OpenID provider for a developer's own machine.
///
/// It has discovery, a consent page where one chooses who to be, PKCE, rotating refresh tokens, userinfo, and sign-out
/// with confirmation. It has no passwords: it listens on loopback only, and anybody who can reach it can be anybody in
/// its list. Its key, its browsers' sessions and its refresh grants outlive a restart.
public struct DevelopmentProvider: Service {
    private let configuration: DevelopmentProviderConfiguration
    private let endpoints: ProviderEndpoints
    private let logger: Logger

    /// Reads or makes the signing key; listens only once ``run()`` is called.
    ///
    /// - Throws: ``DevelopmentProviderError`` for a host that is not loopback, a setting that can't work, or a
    ///   directory that can't be used.
    public init(configuration: DevelopmentProviderConfiguration, logger: Logger) throws(DevelopmentProviderError) {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        do {
            let directory = try StateDirectory(configuration.directory)
            endpoints = ProviderEndpoints(
                configuration: configuration,
                state: try ProviderState(directory: directory, now: configuration.now),
                key: try directory.signingKey(),
                issuer: BoundIssuer(),
                logger: logger
            )
        } catch let error as DevelopmentProviderError {
            throw error
        } catch {
            throw DevelopmentProviderError(
                .state,
                "can't use \(configuration.directory.path) for the development provider",
                underlying: error
            )
        }
    }

    /// The issuer, for example `http://127.0.0.1:40123`; waits until ``run()`` has bound the port.
    ///
    /// - Throws: what ``run()`` threw when it could not listen, or `CancellationError`.
    public func issuer() async throws -> String {
        try await endpoints.issuer.value
    }

    /// Answers requests until graceful shutdown or cancellation.
    public func run() async throws {
        do {
            try await listen()
        } catch {
            await endpoints.issuer.announce(.failure(error))
            throw error
        }
        await endpoints.issuer.announce(.failure(CancellationError()))
    }

    private func listen() async throws {
        if configuration.port == 0, let last = await endpoints.state.lastPort {
            do {
                return try await application(port: last).run()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                logger.info("the port of the last start is taken", metadata: ["port": "\(last)"])
            }
        }
        try await application(port: configuration.port).run()
    }

    private func application(port: Int) -> some ApplicationProtocol {
        Application(
            router: endpoints.router(),
            configuration: ApplicationConfiguration(address: .hostname(configuration.host, port: port)),
            onServerRunning: { channel in
                let bound = channel.localAddress?.port ?? port
                let issuer = configuration.issuer(port: bound)
                do {
                    try await endpoints.state.remember(port: bound)
                } catch {
                    logger.warning("the port can't be remembered", metadata: ["error": "\(error)"])
                }
                await endpoints.issuer.announce(.success(issuer))
                logger.info("development provider is listening", metadata: ["issuer": "\(issuer)"])
            },
            logger: logger
        )
    }
}
