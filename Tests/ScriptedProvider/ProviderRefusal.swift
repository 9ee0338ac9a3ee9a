/// Why the provider shows an error page instead of a sign-in page.
public struct ProviderRefusal: Error, Hashable, CustomStringConvertible {
    /// What is wrong with the request.
    public let reason: String

    /// The reason.
    public var description: String { reason }
}
