/// What a ``FaultProxy`` does to all bytes that pass through it, both ways.
public struct Weather: Sendable, Hashable {
    /// Bytes are passed on one by one.
    public var slices = false
    /// Each piece waits this long before it is passed on.
    public var delay: Duration = .zero
    /// Nothing is passed on, new connections stay silent, and nobody is told.
    public var isBlackHole = false
    /// New connections are closed as soon as they are made.
    public var refuses = false

    /// A clear day: everything passes as it comes.
    public init() {}

    /// One byte at a time.
    public static var sliced: Weather {
        var weather = Weather()
        weather.slices = true
        return weather
    }

    /// Silence.
    public static var blackHole: Weather {
        var weather = Weather()
        weather.isBlackHole = true
        return weather
    }

    /// A closed door.
    public static var refusing: Weather {
        var weather = Weather()
        weather.refuses = true
        return weather
    }
}
