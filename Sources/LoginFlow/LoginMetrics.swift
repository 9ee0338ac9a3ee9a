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

    private static func count(outcome: String, provider: String) {
        Counter(
            label: "oidc_logins_total",
            dimensions: [("outcome", outcome), ("provider", provider)]
        ).increment()
    }
}
