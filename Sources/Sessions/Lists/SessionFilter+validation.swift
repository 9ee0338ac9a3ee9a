import Foundation

extension SessionFilter {
    /// - Throws: ``SessionError/Code/invalidInput`` or ``SessionError/Code/tooLarge``; the message names the criterion.
    func validate() throws(SessionError) {
        try SessionAttributes.check(tenantID, name: "tenantID", maximumBytes: 255)
        try SessionAttributes.check(issuer, name: "issuer", maximumBytes: 2048)
        try SessionAttributes.check(subject, name: "subject", maximumBytes: 255)
        try SessionAttributes.check(email, name: "email", maximumBytes: 320)
        if subject?.isEmpty == true { throw SessionError(.invalidInput, "subject is empty") }
        if email?.isEmpty == true { throw SessionError(.invalidInput, "email is empty") }
        // Zero would name everything.
        if let olderThan, olderThan <= .zero || olderThan > .days(36_500) {
            throw SessionError(.invalidInput, "olderThan is more than nothing and at most 36500 days")
        }
    }

    /// The criteria that are set, for the audit trail.
    var auditDetails: JSONValue {
        var details: [String: JSONValue] = [:]
        for (name, text) in [("tenantID", tenantID), ("issuer", issuer), ("subject", subject)] {
            details[name] = text.map { .string($0) }
        }
        for (name, date) in [
            ("createdBefore", createdBefore), ("createdAfter", createdAfter),
            ("lastAccessedBefore", lastAccessedBefore), ("revokedBefore", revokedBefore),
        ] {
            details[name] = date.map { .string($0.formatted(.iso8601)) }
        }
        details["olderThanSeconds"] = olderThan.map { .integer($0.components.seconds) }
        if !states.isEmpty { details["states"] = .array(states.map(\.rawValue).sorted().map { .string($0) }) }
        return .object(details)
    }
}
