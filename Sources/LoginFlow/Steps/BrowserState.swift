public import Sessions

/// What a browser brought along to a callback.
public struct BrowserState: Sendable {
    /// The started logins that its cookies name; only these can be finished by it.
    public var pendingLogins: [PendingLoginID]
    /// The session that its cookie names, alive or not: it ends when the login succeeds.
    public var session: SessionID?
    /// Its `User-Agent`.
    public var userAgent: String?
    /// Its address.
    public var ipAddress: String?

    /// A browser; without arguments one that brought nothing.
    public init(
        pendingLogins: [PendingLoginID] = [],
        session: SessionID? = nil,
        userAgent: String? = nil,
        ipAddress: String? = nil
    ) {
        self.pendingLogins = pendingLogins
        self.session = session
        self.userAgent = userAgent
        self.ipAddress = ipAddress
    }
}
