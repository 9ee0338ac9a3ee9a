import CoreMetrics
import Synchronization

/// One time series: a metric's name with one set of label values.
///
/// Recording takes one uncontended lock; no series is ever handed out for a combination beyond the registry's cap.
final class MetricSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    /// What a scrape sees of a series.
    struct Reading: Sendable {
        var value: Double = 0
        var count: UInt64 = 0
        /// Observations at most as large as each bound, not cumulated.
        var buckets: [UInt64] = []
    }

    let bounds: [Double]
    private let reading: Mutex<Reading>

    init(bounds: [Double] = []) {
        self.bounds = bounds
        self.reading = Mutex(Reading(buckets: Array(repeating: 0, count: bounds.count)))
    }

    var current: Reading { reading.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { reading.withLock { $0.value += amount } }
    func decrement(by amount: Double) { reading.withLock { $0.value -= amount } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { reading.withLock { $0.value = value } }
    func reset() { reading.withLock { $0 = Reading(buckets: Array(repeating: 0, count: bounds.count)) } }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        reading.withLock { reading in
            reading.value += value
            reading.count += 1
            if let index = bounds.firstIndex(where: { value <= $0 }) { reading.buckets[index] += 1 }
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
