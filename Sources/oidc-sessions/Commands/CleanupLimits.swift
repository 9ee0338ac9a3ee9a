import Sessions

/// By what a cleaning run judges, each under the name of the setting to change.
///
/// A run has only the settings that it was given: where those aren't the server's, this shows it.
struct CleanupLimits: Encodable {
    /// A setting, and what it is for this run.
    struct Row: Equatable {
        let setting: SettingName
        let value: String
    }

    let rows: [Row]

    /// - Parameters:
    ///   - request: what the run is to do; nil for a look at the statistics.
    ///   - policy: what is alive.
    init(_ request: CleanupRequest?, policy: SessionPolicy) {
        var rows: [Row] = []
        func add(_ setting: SettingName, _ value: String) { rows.append(Row(setting: setting, value: value)) }
        let minutes = policy.idleLifetime / .seconds(60)
        if minutes.truncatingRemainder(dividingBy: 60) == 0 {
            add(.sessionDuration, "\(Int(minutes) / 60)")
        } else {
            add(.sessionDurationMinutes, "\(Int(minutes))")
        }
        add(.absoluteLifetime, Self.days(policy.absoluteLifetime))
        if let tenant = policy.tenantID { add(.tenantID, tenant) }
        guard let request else {
            add(.inactivityTimeout, Self.days(policy.inactivityTimeout))
            self.rows = rows
            return
        }
        let left = "left alone"
        add(.cleanExpiredTokens, "\(request.expired)")
        add(.inactivityTimeout, request.inactiveFor.map(Self.days) ?? left)
        add(.revokedRetention, request.revokedOlderThan.map(Self.days) ?? left)
        add(.maximumSessionsPerUser, request.maximumSessionsPerUser.map { "\($0)" } ?? left)
        add(.auditRetention, request.auditOlderThan.map(Self.days) ?? left)
        add(.orphanUsersTable, request.orphans == nil ? left : "sessions of users who are gone are deleted")
        self.rows = rows
    }

    func print() {
        var table = TextTable("JUDGED BY", "")
        for row in rows { table.add(row.setting.rawValue, row.value) }
        Terminal.print(table.text)
    }

    func encode(to encoder: any Encoder) throws {
        let values = Dictionary(uniqueKeysWithValues: rows.map { ($0.setting.rawValue, $0.value) })
        try values.encode(to: encoder)
    }

    private static func days(_ duration: Duration) -> String { "\(duration.components.seconds / 86_400)" }
}
