import HTTPTypes

/// Where a request comes from, by what a browser says and its scripts can't forge (Fetch Metadata, RFC 6454).
struct RequestOrigin: Sendable {
    private let site: String?
    private let mode: String?
    private let destination: String?
    private let origin: String?
    private let base: BaseURL

    init(_ headers: HTTPFields, base: BaseURL) {
        self.site = headers.plain(.secFetchSite)
        self.mode = headers.plain(.secFetchMode)
        self.destination = headers.plain(.secFetchDest)
        self.origin = headers.plain(.origin)
        self.base = base
    }

    /// Whether a request that changes something comes from one of our own pages.
    ///
    /// Everything that is said must fit, and at least one thing must be said: a request with neither `Sec-Fetch-Site`
    /// nor `Origin` is refused, and so is one from another port or a sibling domain. `Origin: null` says nothing, good
    /// only beside `Sec-Fetch-Site: same-origin`: browsers send it for same-origin forms of pages without a referrer.
    var isSameOrigin: Bool {
        if let site, site != "same-origin" { return false }
        switch origin {
        case base.origin: return true
        case nil, "null": return site != nil
        default: return false
        }
    }

    /// Whether another site sent the browser here.
    var isCrossSite: Bool { site == "cross-site" || site == "same-site" }

    /// Whether it is a page load in a tab of its own, as far as the browser says: no frame, image or script.
    var isTopLevelNavigation: Bool {
        (mode.map { $0 == "navigate" } ?? true) && (destination.map { $0 == "document" } ?? true)
    }
}
