extension ResealReport {
    /// What the audit trail gets: counts, and the key's id, which gives nothing of the key away.
    func auditDetails(keyID: String, isComplete: Bool, by requester: Requester?) -> [String: JSONValue] {
        var details = requester.details
        details["key"] = .string(keyID)
        details["sealed"] = .integer(Int64(sealed))
        details["skipped"] = .integer(Int64(skipped))
        details["unreadable"] = .integer(Int64(unreadable))
        details["complete"] = .bool(isComplete)
        return details
    }
}
