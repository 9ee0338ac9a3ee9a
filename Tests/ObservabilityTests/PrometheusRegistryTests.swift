import CoreMetrics
import Testing

@testable import Observability

@Suite("Prometheus text")
struct PrometheusRegistryTests {
    @Test("counters get _total, timers _seconds with cumulative buckets")
    func kinds() {
        let registry = PrometheusRegistry()
        Counter(label: "logins", dimensions: [("outcome", "completed")], factory: registry).increment(by: 3)
        let timer = Timer(label: "session.read", factory: registry)
        timer.recordMilliseconds(2)
        timer.recordMilliseconds(2)
        timer.recordSeconds(60)
        Gauge(label: "pool.idle", factory: registry).record(7)

        let lines = registry.text().split(separator: "\n").map(String.init)

        #expect(lines.contains("# TYPE logins_total counter"))
        #expect(lines.contains("logins_total{outcome=\"completed\"} 3"))
        #expect(lines.contains("# TYPE session_read_seconds histogram"))
        #expect(lines.contains("session_read_seconds_bucket{le=\"0.001\"} 0"))
        #expect(lines.contains("session_read_seconds_bucket{le=\"0.0025\"} 2"))
        #expect(lines.contains("session_read_seconds_bucket{le=\"10\"} 2"))
        #expect(lines.contains("session_read_seconds_bucket{le=\"+Inf\"} 3"))
        #expect(lines.contains("session_read_seconds_count 3"))
        #expect(lines.contains("pool_idle 7"))
    }

    @Test("AD-05 names and label values from libraries can't break the text or forge a line")
    func hostileNames() {
        let registry = PrometheusRegistry()
        let value = "a\"b\\c\nlogins_total 999"
        Counter(label: "fileprovider<json>_poll.ticks", dimensions: [("__na-me", value)], factory: registry)
            .increment()

        let text = registry.text()

        #expect(text.contains("fileprovider_json__poll_ticks_total{_na_me=\"a\\\"b\\\\c\\nlogins_total 999\"} 1\n"))
        #expect(text.split(separator: "\n").count == 2)
    }

    @Test("AD-05 the number of series of a metric is bounded; the rest is counted together")
    func cardinality() {
        let registry = PrometheusRegistry(maximumSeries: 10)
        for index in 0..<1_000 {
            Counter(label: "hits", dimensions: [("path", "\(index)")], factory: registry).increment()
        }

        let lines = registry.text().split(separator: "\n").filter { $0.hasPrefix("hits_total") }

        #expect(lines.count == 11)
        #expect(lines.contains("hits_total{path=\"other\"} 990"))
    }

    @Test("one name with two kinds leaves a readable text")
    func conflictingKinds() {
        let registry = PrometheusRegistry()
        Counter(label: "sessions_total", factory: registry).increment(by: 2)
        Gauge(label: "sessions_total", factory: registry).record(9)

        #expect(registry.text() == "# TYPE sessions_total counter\nsessions_total 2\n")
    }

    @Test("a counter made again goes on where it was")
    func recreated() {
        let registry = PrometheusRegistry()
        let first = Counter(label: "logins", factory: registry)
        first.increment()
        first.destroy()
        Counter(label: "logins", factory: registry).increment()

        #expect(registry.text().contains("logins_total 2"))
    }
}
