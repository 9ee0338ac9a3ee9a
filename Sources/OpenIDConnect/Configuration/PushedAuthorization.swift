/// Whether authorization requests are pushed to the provider beforehand (RFC 9126), so that the browser carries only a
/// reference to them.
public enum PushedAuthorization: String, Sendable, Hashable, CaseIterable {
    /// When the provider's metadata demands it.
    case automatic = "auto"
    /// Always; a provider that can't take them is not signed in at.
    case always
    /// Never; a provider that demands them is not signed in at.
    case never
}
