import Sessions

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Arguments {
    /// The parameters that say which sessions.
    static let criteria = ["tenantId", "user", "issuer", "state", "olderThanDays", "inactiveDays"]

    static let maximumDays = 36_500

    /// Which sessions are meant: those that meet every criterion that is there.
    func filter() throws(ServerError) -> SessionFilter {
        var filter = SessionFilter()
        filter.tenantID = try text("tenantId", maximumBytes: 255)
        filter.subject = try text("user", maximumBytes: 255)
        filter.issuer = try text("issuer")
        filter.email = try text("email", maximumBytes: 320)
        filter.states = try states()
        // From 1: zero days would mean every session, by a criterion that looks like one.
        filter.olderThan = try integer("olderThanDays", in: 1...Self.maximumDays).map { .days($0) }
        // To the day, so whose clock it is doesn't matter.
        filter.lastAccessedBefore = try integer("inactiveDays", in: 1...Self.maximumDays).map {
            Date(timeIntervalSinceNow: -86_400 * Double($0))
        }
        return filter
    }

    private func states() throws(ServerError) -> Set<SessionState> {
        var states: Set<SessionState> = []
        for word in try list("state") ?? [] {
            guard let state = SessionState.allCases.first(where: { $0.rawValue.utf8.elementsEqual(word.utf8) }) else {
                let known = SessionState.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalidParameter("state", "must be among \(known)")
            }
            states.insert(state)
        }
        return states
    }
}
