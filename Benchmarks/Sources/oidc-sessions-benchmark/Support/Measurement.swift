import Synchronization

/// What a number of tasks got done in a stretch of time.
struct Measurement: Sendable {
    /// Operations a second.
    let rate: Double
    /// Microseconds that 50 and 99 of 100 operations took at most; `nil` where the tool does not tell.
    var median: Double?
    var p99: Double?

    /// Lets `tasks` tasks repeat an operation for that long.
    ///
    /// The operation is given a random number of its task's own, cheap enough not to show.
    static func run(
        tasks: Int,
        seconds: Double,
        _ operation: @escaping @Sendable (UInt64) async throws -> Void
    ) async throws -> Measurement {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start.advanced(by: .seconds(seconds))
        let latencies = try await withThrowingTaskGroup(of: [UInt32].self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var state = UInt64(task + 1) &* 0x9e37_79b9_7f4a_7c15
                    var latencies: [UInt32] = []
                    var before = clock.now
                    while before < end {
                        // xorshift64
                        state ^= state &<< 13
                        state ^= state &>> 7
                        state ^= state &<< 17
                        try await operation(state)
                        let after = clock.now
                        let (seconds, attoseconds) = (after - before).components
                        latencies.append(UInt32(seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
                        before = after
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let elapsed = (clock.now - start).components
        let duration = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
        let sorted = latencies.sorted()
        return Measurement(
            rate: Double(sorted.count) / duration,
            median: sorted.isEmpty ? nil : Double(sorted[sorted.count / 2]),
            p99: sorted.isEmpty ? nil : Double(sorted[sorted.count * 99 / 100])
        )
    }

    /// The measurement with the middle rate.
    static func median(of measurements: [Measurement]) -> Measurement {
        let sorted = measurements.sorted { $0.rate < $1.rate }
        return sorted.isEmpty ? Measurement(rate: 0) : sorted[sorted.count / 2]
    }
}
