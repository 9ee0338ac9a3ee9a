extension Duration {
    /// Whole days of 24 hours.
    package static func days(_ days: Int) -> Duration { .seconds(days * 86_400) }

    /// Whole microseconds, the resolution of Postgres.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    /// Seconds with a fraction, to the microsecond.
    package var inSeconds: Double { Double(microseconds) / 1_000_000 }
}
