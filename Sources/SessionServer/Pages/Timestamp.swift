#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A moment as programs and as people read it, in UTC.
enum Timestamp {
    /// For programs: `2026-11-21T07:25:00Z`.
    static func iso8601(_ date: Date) -> String {
        date.formatted(.iso8601)
    }

    /// For programs, with milliseconds: `2026-11-21T07:25:00.000Z`, as JavaScript writes it.
    static func precise(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// For people: with a space and the name of the zone, inside a `time` element.
    static func html(_ date: Date) -> HTML {
        let text = iso8601(date)
        let readable = text.dropLast().split(separator: "T").joined(separator: " ") + " UTC"
        return "<time datetime=\"\(text)\">\(readable)</time>"
    }
}
