import Metrics

/// What one connection reports, labelled with one of a handful of words.
struct ConnectionMetrics {
    let reconnects: Counter
    private let inFlight: Gauge
    private let queued: Gauge

    init(connection: String) {
        let dimensions = [("connection", connection)]
        reconnects = Counter(label: "postgres_reconnects_total", dimensions: dimensions)
        inFlight = Gauge(label: "postgres_requests_in_flight", dimensions: dimensions)
        queued = Gauge(label: "postgres_requests_queued")
    }

    func record(inFlight: Int, queued: Int) {
        self.inFlight.record(inFlight)
        self.queued.record(queued)
    }

    /// Counts a request that failed.
    static func count(_ error: PostgresError) {
        Counter(label: "postgres_errors_total", dimensions: [("code", error.metricLabel)]).increment()
    }
}
