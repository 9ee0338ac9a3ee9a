public import LoginFlow

/// What a tenant's users see: its logins, and how it appears to browsers.
public struct TenantSite: Sendable {
    /// What signs in and out, over a manager for which only this tenant's sessions exist.
    public let flow: LoginFlow
    /// Its origin, by whose host requests find it, and its cookies.
    public let settings: ServerSettings

    /// A tenant.
    public init(flow: LoginFlow, settings: ServerSettings) {
        self.flow = flow
        self.settings = settings
    }
}
