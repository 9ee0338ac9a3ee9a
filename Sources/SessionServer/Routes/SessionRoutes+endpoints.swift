import HTTPTypes
import Hummingbird
import LoginFlow
import Sessions

/// Every route of the public server; `openapi.json` describes the same, and a test compares the two.
extension SessionRoutes {
    var endpoints: [Endpoint] {
        loginEndpoints + ownSessionsEndpoints + startEndpoints + healthEndpoints + adminEndpoints + cronEndpoints
    }

    var loginEndpoints: [Endpoint] {
        var endpoints = [
            Endpoint(.get, Paths.login, login),
            Endpoint(.get, Paths.callback, callbackByQuery),
            Endpoint(.get, Paths.logout, answersHead: true, confirmLogout),
            Endpoint(.post, Paths.logout, logout),
            Endpoint(.get, Paths.loggedOut, answersHead: true, land),
            Endpoint(.post, Paths.backChannelLogout, backChannelLogout),
            Endpoint(.get, Paths.session, answersHead: true, signedIn: showSession),
            Endpoint(.get, Paths.stylesheet, answersHead: true, stylesheet),
        ]
        if flow.options.refreshesTokens { endpoints.append(Endpoint(.post, Paths.refresh, signedIn: refreshSession)) }
        if settings.allowsThirdPartyLogin {
            endpoints.append(Endpoint(.get, Paths.initiation, initiateLogin))
            endpoints.append(Endpoint(.post, Paths.initiation, initiateLoginByForm))
        }
        // Whatever the providers and their order are now, a login may have begun with others, on another replica.
        endpoints.append(Endpoint(.get, Paths.providerCallback, callbackByQuery))
        if acceptsFormPost {
            endpoints.append(Endpoint(.post, Paths.callback, callbackByForm))
            endpoints.append(Endpoint(.post, Paths.providerCallback, callbackByForm))
        }
        return endpoints
    }

    /// What belongs to no tenant, and is there whatever host a request names: balancers and schedulers call by address.
    var processEndpoints: [Endpoint] { healthEndpoints + adminEndpoints + cronEndpoints }

    var ownSessionsEndpoints: [Endpoint] {
        [
            Endpoint(.get, Paths.sessions, answersHead: true, signedIn: listOwnSessions),
            Endpoint(.delete, Paths.ownSession, signedIn: revokeOwnSession),
            Endpoint(.post, Paths.revokeSession, signedIn: revokeOwnSession),
            Endpoint(.post, Paths.revokeOthers, signedIn: revokeOtherSessions),
        ]
    }

    var startEndpoints: [Endpoint] {
        [Endpoint(.get, Paths.start, answersHead: true, startPage)]
    }

    var healthEndpoints: [Endpoint] {
        [
            Endpoint(.get, Paths.live, answersHead: true, live),
            Endpoint(.get, Paths.ready, answersHead: true, ready),
            Endpoint(.get, Paths.description, answersHead: true, describe),
        ]
    }

    var adminEndpoints: [Endpoint] {
        // Without a token there is nothing at these addresses, to any method.
        guard guards[.admin] != nil else { return [] }
        return [
            Endpoint(.get, Paths.adminStatistics, answersHead: true, bearer: .admin, showStatistics),
            Endpoint(.get, Paths.adminSessions, answersHead: true, bearer: .admin, listSessions),
            Endpoint(.delete, Paths.adminSessions, bearer: .admin, endSessions),
            Endpoint(.get, Paths.adminSession, answersHead: true, bearer: .admin, showStoredSession),
            Endpoint(.delete, Paths.adminSession, bearer: .admin, endStoredSession),
            Endpoint(.get, Paths.cleanupStatus, answersHead: true, bearer: .admin, showCleanupStatus),
            Endpoint(.post, Paths.cleanup, bearer: .admin, runCleanup),
            Endpoint(.post, Paths.olderCleanup, bearer: .admin, runOlderCleanup),
            Endpoint(.get, Paths.olderStatistics, answersHead: true, bearer: .admin, showStatistics),
        ]
    }

    var cronEndpoints: [Endpoint] {
        guard guards[.cron] != nil else { return [] }
        return [
            Endpoint(.post, Paths.cronCleanup, bearer: .cron, runCronCleanup),
            // Not HEAD: `?run=true` has an effect.
            Endpoint(.get, Paths.cronCleanup, bearer: .cron, showCronStatistics),
        ]
    }

    func add<Context: RequestContext>(_ endpoints: [Endpoint], to router: some RouterMethods<Context>) {
        for endpoint in endpoints {
            for method in endpoint.methods {
                router.on(RouterPath(endpoint.path), method: method) { request, context in
                    await answer(request, context, readsCookies: endpoint.surface == nil) { visit in
                        // A router that makes HEAD out of every GET must not finish a login by it.
                        guard endpoint.methods.contains(request.method) else {
                            throw refusal(at: [endpoint], visit)
                        }
                        return try await perform(endpoint, visit)
                    }
                }
            }
        }
    }

    private func perform(_ endpoint: Endpoint, _ visit: Visit) async throws -> Response {
        switch endpoint.handler {
        case .open(let handler):
            return try await handler(visit)
        case .signedIn(let handler):
            guard endpoint.method == .get || visit.origin.isSameOrigin else { throw ServerError.forbidden }
            guard let session = try await signedInSession(of: visit) else { throw ServerError.notSignedIn }
            return try await handler(visit, session)
        case .bearer(let surface, let handler):
            guard let doorman = guards[surface] else { throw ServerError.notFound }
            let caller = try doorman.caller(of: visit)
            do {
                return try await handler(visit, caller)
            } catch let error as SessionError {
                throw ServerError(forOperators: error)
            }
        }
    }

    /// Why a request that no handler took wasn't taken.
    ///
    /// What takes a token tells a caller without one no more than that: not which methods it has.
    func refusal(at endpoints: [Endpoint], _ visit: Visit) -> ServerError {
        guard let endpoint = endpoints.first else { return .notFound }
        if let doorman = endpoint.surface.flatMap({ guards[$0] }) {
            do throws(ServerError) {
                _ = try doorman.caller(of: visit)
            } catch {
                return error
            }
        }
        return .methodNotAllowed(self.endpoints.at(endpoint.path).flatMap(\.methods))
    }
}
