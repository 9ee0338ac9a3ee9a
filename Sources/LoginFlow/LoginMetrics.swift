import Metrics

/// The counters of this module; labels are configured names and words from a fixed list.
enum LoginMetrics {
    static func started(provider: String) {
        Counter(label: "oidc_logins_started_total", dimensions: [("provider", provider)]).increment()
    }

    static func completed(provider: String) {
        count(outcome: "completed", provider: provider)
    }

    static func failed(_ code: LoginError.Code, provider: String?) {
        count(outcome: code.name, provider: provider ?? "unknown")
    }

    /// How the refresh of a session's tokens ended.
    enum Refresh: String {
        case refreshed
        case refused
        case anotherUser = "another_user"
        case unavailable
        case failed
        case dropped
        case waitedInVain = "waited_in_vain"
    }

    static func refreshed(_ outcome: Refresh, provider: String?) {
        Counter(
            label: "oidc_refreshes_total",
            dimensions: [("outcome", outcome.rawValue), ("provider", provider ?? "unknown")]
        ).increment()
    }

    /// How taking back a refresh token ended.
    enum Revocation: String {
        case revoked
        case notOffered = "not_offered"
        case shared
        case failed
        case givenUp = "given_up"
    }

    static func revoked(_ outcome: Revocation, provider: String) {
        Counter(
            label: "oidc_token_revocations_total",
            dimensions: [("outcome", outcome.rawValue), ("provider", provider)]
        ).increment()
    }

    /// How a provider's logout token ended: `ended`, `nothing`, `repeated`, or the code of an error.
    static func endedByProvider(_ outcome: String, provider: String?) {
        Counter(
            label: "oidc_backchannel_logouts_total",
            dimensions: [("outcome", outcome), ("provider", provider ?? "unknown")]
        ).increment()
    }

    private static func count(outcome: String, provider: String) {
        Counter(
            label: "oidc_logins_total",
            dimensions: [("outcome", outcome), ("provider", provider)]
        ).increment()
    }
}
