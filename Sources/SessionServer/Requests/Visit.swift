import HTTPTypes
import Hummingbird
import Logging
import LoginFlow
import Sessions

/// One request, as the handlers need it.
struct Visit: Sendable {
    let request: Request
    let settings: ServerSettings
    let cookies: RequestCookies
    let requestID: String
    let logger: Logger
    /// Where the browser is, as far as the connection and the trusted proxies tell.
    let clientAddress: IPAddress?
    private let parameters: Parameters

    /// - Parameter jar: nil where no cookie may count.
    init(_ request: Request, _ context: some RequestContext, settings: ServerSettings, jar: CookieJar?) {
        self.request = request
        self.settings = settings
        self.cookies = jar?.cookies(of: request.headers) ?? RequestCookies()
        self.requestID = Self.requestID(context)
        self.logger = context.logger
        let peer = (context as? any SessionRequestContext)?.clientAddress
        self.clientAddress = settings.trustedProxies.client(peer: peer, request.headers)
        self.parameters = context.parameters
    }

    /// Hummingbird numbers requests, unless somebody took the number off the logger.
    static func requestID(_ context: some RequestContext) -> String {
        context.logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? "unknown"
    }

    var prefersHTML: Bool { Accept.prefersHTML(request.headers) }

    var origin: RequestOrigin { RequestOrigin(request.headers, base: settings.baseURL) }

    /// The segment of the path that stands for a session.
    var handle: SessionHandle? { parameters.get("handle").flatMap { SessionHandle($0) } }

    /// For the audit trail: through what, by whom if that is known, from where.
    func requester(_ surface: Requester.Surface, name: String? = nil) -> Requester {
        Requester(surface, name: name, address: clientAddress?.description, requestID: requestID)
    }

    /// The segment of the path that stands for a provider.
    var provider: String? { parameters.get("provider") }

    var query: QueryParameters { QueryParameters(request.uri.query) }

    /// What a session remembers of the request that it was made or refreshed by.
    var browser: BrowserState {
        BrowserState(
            userAgent: request.headers[.userAgent],
            ipAddress: settings.addressStorage.stored(clientAddress)
        )
    }
}
