/// The Prometheus text exposition format, version 0.0.4.
public enum PrometheusText {
    /// What the answer to a scrape says of itself.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func render(_ families: [String: PrometheusRegistry.Family]) -> String {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.append("# TYPE \(name) \(family.kind.rawValue)\n")
            for (labels, series) in family.series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                append(name, labels, series, family.kind, to: &text)
            }
        }
        return text
    }

    private static func append(
        _ name: String,
        _ labels: [PrometheusRegistry.Label],
        _ series: MetricSeries,
        _ kind: PrometheusRegistry.Kind,
        to text: inout String
    ) {
        let reading = series.current
        guard kind == .histogram else {
            text.append("\(name)\(render(labels)) \(number(reading.value))\n")
            return
        }
        var cumulative: UInt64 = 0
        for (bound, count) in zip(series.bounds, reading.buckets) {
            cumulative += count
            text.append("\(name)_bucket\(render(labels, bound: number(bound))) \(cumulative)\n")
        }
        text.append("\(name)_bucket\(render(labels, bound: "+Inf")) \(reading.count)\n")
        text.append("\(name)_sum\(render(labels)) \(number(reading.value))\n")
        text.append("\(name)_count\(render(labels)) \(reading.count)\n")
    }

    private static func render(_ labels: [PrometheusRegistry.Label], bound: String? = nil) -> String {
        var pairs = labels.map { "\($0.name)=\"\(MetricName.escapedValue($0.value))\"" }
        if let bound { pairs.append("le=\"\(bound)\"") }
        return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        switch value {
        case .infinity: "+Inf"
        case -.infinity: "-Inf"
        case let value where value.isNaN: "NaN"
        case let value where value == value.rounded() && abs(value) < 1e15: String(Int64(value))
        default: String(value)
        }
    }
}
