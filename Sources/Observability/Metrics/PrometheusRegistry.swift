public import CoreMetrics
import Synchronization

/// Collects what the program measures, and writes it as Prometheus text (exposition format 0.0.4).
///
/// Names and labels are made to fit the format, because libraries use dots and angle brackets in theirs. The number of
/// series of one metric is bounded: beyond the bound, observations go to one series whose labels all read `other`, so
/// that no input can grow the process.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    struct Family {
        var kind: Kind
        var series: [[Label]: MetricSeries] = [:]
    }

    struct Label: Hashable, Comparable {
        var name: String
        var value: String

        static func < (left: Label, right: Label) -> Bool { (left.name, left.value) < (right.name, right.value) }
    }

    /// Seconds: from a tenth of a millisecond, where reads of a session lie, to the ten seconds of a hung provider.
    static let timerBounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    static let recorderBounds = [1.0, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]

    private let families = Mutex<[String: Family]>([:])
    private let maximumSeries: Int

    /// Makes an empty registry.
    ///
    /// - Parameter maximumSeries: How many label combinations one metric may have before the rest is counted together.
    public init(maximumSeries: Int = 200) {
        self.maximumSeries = maximumSeries
    }

    /// A counter; its name gets the suffix `_total`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(counterName(label), .counter, dimensions, bounds: [])
    }

    /// A counter of fractions; its name gets the suffix `_total`.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(counterName(label), .counter, dimensions, bounds: [])
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(MetricName.sanitized(label), .gauge, dimensions, bounds: [])
    }

    /// A gauge, or a histogram where the recorder aggregates.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let name = MetricName.sanitized(label)
        guard aggregate else { return GaugeRecorder(series(name, .gauge, dimensions, bounds: [])) }
        return series(name, .histogram, dimensions, bounds: Self.recorderBounds)
    }

    /// A histogram of seconds; its name gets the suffix `_seconds`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricName.sanitized(label)
        return series(
            name.hasSuffix("_seconds") ? name : name + "_seconds",
            .histogram,
            dimensions,
            bounds: Self.timerBounds
        )
    }

    // A series outlives its handler: a counter that went away and came back must not start from zero.
    /// Keeps the series.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Keeps the series.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Keeps the series.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Keeps the series.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Keeps the series.
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Everything measured so far, as Prometheus text.
    public func text() -> String {
        PrometheusText.render(families.withLock { $0 })
    }

    private func counterName(_ label: String) -> String {
        let name = MetricName.sanitized(label)
        return name.hasSuffix("_total") ? name : name + "_total"
    }

    private func series(
        _ name: String,
        _ kind: Kind,
        _ dimensions: [(String, String)],
        bounds: [Double]
    ) -> MetricSeries {
        var labels: [Label] = []
        for (name, value) in dimensions {
            let name = MetricName.sanitizedLabel(name)
            // One name twice would make the whole scrape unreadable; the first one stays.
            if !labels.contains(where: { $0.name == name }) { labels.append(Label(name: name, value: value)) }
        }
        labels.sort()
        return families.withLock { families in
            // Two metrics of one name and different kinds can't be told apart in the text: the later one is kept out.
            if let family = families[name], family.kind != kind { return MetricSeries(bounds: bounds) }
            var family = families[name] ?? Family(kind: kind)
            if family.series[labels] == nil, family.series.count >= maximumSeries {
                labels = labels.map { Label(name: $0.name, value: "other") }
            }
            let series = family.series[labels] ?? MetricSeries(bounds: bounds)
            family.series[labels] = series
            families[name] = family
            return series
        }
    }
}

/// A recorder that keeps the last value only.
private final class GaugeRecorder: RecorderHandler {
    private let series: MetricSeries

    init(_ series: MetricSeries) { self.series = series }

    func record(_ value: Int64) { series.set(value) }
    func record(_ value: Double) { series.set(value) }
}
