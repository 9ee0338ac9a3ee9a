import Foundation
import OpenIDConnect
import Synchronization

/// Passes requests on and remembers what the answers' `Date` said.
final class ObservedTransport: HTTPTransport {
    private let transport: any HTTPTransport
    private let now: @Sendable () -> Date
    private let comparison = Mutex<ClockComparison?>(nil)

    init(_ transport: any HTTPTransport, now: @escaping @Sendable () -> Date = { Date() }) {
        self.transport = transport
        self.now = now
    }

    /// The provider's clock and ours at the last answer that had a date.
    var clock: ClockComparison? { comparison.withLock { $0 } }

    func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
        let start = now()
        let response = try await transport.send(request)
        let end = now()
        if let date = response.header("Date").flatMap(Self.date) {
            // RFC 9110 section 5.6.7: whole seconds.
            let new = ClockComparison(theirs: date, from: start, to: end, resolution: 1)
            comparison.withLock { $0 = new }
        }
        return response
    }

    /// IMF-fixdate of RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text)
    }
}
