/// What every ``Sessions/SessionStore`` must pass: the contract of the protocol as named checks.
///
/// A test target of any framework runs them, each on an empty store:
/// ```swift
/// @Test(arguments: SessionStoreConformance.checks)
/// func conforms(_ check: SessionStoreCheck) async throws {
///     try await check.run(StoreUnderTest(store: MyStore()) { duration in … })
/// }
/// ```
public enum SessionStoreConformance {
    /// All checks.
    public static let checks: [SessionStoreCheck] =
        creation + lifetimes + updates + refreshing + endings + replacements + limits + logins + lists + filters
        + endingsByCriteria + backChannel + tenants + tenantsOfBackgroundWork + cleaning
}
