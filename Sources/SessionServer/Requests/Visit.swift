import HTTPTypes
import Hummingbird
import Logging

/// One request, as the handlers need it.
struct Visit: Sendable {
    let request: Request
    let settings: ServerSettings
    let cookies: RequestCookies
    let requestID: String
    let logger: Logger
    let clientAddress: String?

    init(_ request: Request, _ context: some RequestContext, settings: ServerSettings, jar: CookieJar) {
        self.request = request
        self.settings = settings
        self.cookies = jar.cookies(of: request.headers)
        self.requestID = Self.requestID(context)
        self.logger = context.logger
        self.clientAddress = (context as? any SessionRequestContext)?.clientAddress
    }

    /// Hummingbird numbers requests, unless somebody took the number off the logger.
    static func requestID(_ context: some RequestContext) -> String {
        context.logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? "unknown"
    }

    var prefersHTML: Bool { Accept.prefersHTML(request.headers) }

    var origin: RequestOrigin { RequestOrigin(request.headers, base: settings.baseURL) }

    var query: QueryParameters { QueryParameters(request.uri.query) }
}
