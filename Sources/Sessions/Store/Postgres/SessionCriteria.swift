import PostgresPipeline

/// What a filter and a policy ask of a row, as SQL.
///
/// Only criteria that are set are in the text: with all of them there as "is NULL or equal", the planner would take
/// every list for a search for next to nothing, and read and sort the whole table. That makes a few dozen statements at
/// most, each prepared when it is first used. Values are always parameters.
struct SessionCriteria {
    /// Parameters that every statement has: a place in the order (`$1` and `$5`), the lifetimes (`$2` idle, `$3` absolute,
    /// `$4` inactivity) and the number of rows (`$6`).
    private static let common: [PostgresType] = [.text, .int8, .int8, .int8, .timestamptz, .int8]

    private(set) var parameters = Self.common
    private var conditions = ["kind = 'session'"]
    private var values: [PostgresValue] = []

    init(_ filter: SessionFilter, policy: SessionPolicy) {
        for tenantID in [policy.tenantID, filter.tenantID].compactMap({ $0 }) {
            add("tenant_id =", .text, .text(tenantID))
            // What idx_sessions_tenant has.
            if !tenantID.isEmpty { conditions.append("tenant_id <> ''") }
        }
        if let issuer = filter.issuer { add("issuer =", .text, .text(issuer)) }
        if let subject = filter.subject { add("sub =", .text, .text(subject)) }
        // No index has it; the database folds both by the same rules.
        if let email = filter.email {
            parameters.append(.text)
            values.append(.text(email))
            conditions.append("lower(profile ->> 'email') = lower($\(parameters.count))")
        }
        if let date = filter.createdBefore { add("created_at <", .timestamptz, .timestamp(date)) }
        if let date = filter.createdAfter { add("created_at >=", .timestamptz, .timestamp(date)) }
        if let age = filter.olderThan {
            add("created_at < now() - interval '1 microsecond' *", .int8, .duration(age))
        }
        if let date = filter.lastAccessedBefore {
            add("last_accessed_at <", .timestamptz, .timestamp(date))
            // No index has the last use; nothing is used before it is created.
            conditions.append("created_at < $\(parameters.count)")
        }
        if let date = filter.revokedBefore { add("revoked_at <", .timestamptz, .timestamp(date)) }
        add(filter.states)
    }

    private mutating func add(_ comparison: String, _ type: PostgresType, _ value: PostgresValue) {
        parameters.append(type)
        values.append(value)
        conditions.append("\(comparison) $\(parameters.count)")
    }

    private mutating func add(_ states: Set<SessionState>) {
        if states.isEmpty { return }
        var alternatives = states.contains(.revoked) ? ["revoked_at IS NOT NULL"] : []
        if states.isSuperset(of: [.active, .expired]) {
            alternatives.append("revoked_at IS NULL")
        } else {
            for state in SessionState.allCases where states.contains(state) {
                alternatives += Self.condition(state).map { ["revoked_at IS NULL AND \($0)"] } ?? []
            }
        }
        conditions.append("(" + alternatives.joined(separator: " OR ") + ")")
    }

    /// What holds of a session in this state that isn't revoked.
    private static func condition(_ state: SessionState) -> String? {
        switch state {
        case .active: SessionRow.isAliveByTime
        case .expired: "NOT \(SessionRow.isAliveByTime)"
        case .inactive: SummaryRow.isInactive
        case .revoked: nil
        }
    }

    /// Only what is alive.
    mutating func requireAlive() {
        add([.active])
    }

    /// The conditions of a WHERE clause.
    var text: String { conditions.joined(separator: " AND ") }

    /// One more parameter, of the statement around the conditions; returns its number.
    mutating func addParameter(_ type: PostgresType, _ value: PostgresValue) -> Int {
        parameters.append(type)
        values.append(value)
        return parameters.count
    }

    /// The values of all parameters.
    /// - Parameters:
    ///   - place: Where to start; a moment before or after all rows to start at the beginning.
    ///   - limit: How many rows.
    ///   - policy: The lifetimes.
    func values(
        from place: (handle: String, createdAt: PostgresTimestamp),
        limit: Int,
        policy: SessionPolicy
    ) -> [PostgresValue] {
        [
            .text(place.handle), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
            .duration(policy.inactivityTimeout), .timestamp(place.createdAt), .int8(Int64(limit)),
        ] + values
    }
}
