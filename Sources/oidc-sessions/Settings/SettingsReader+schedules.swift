import Sessions

extension SettingsReader {
    /// When the cleaner does what, and what it does besides expiry.
    mutating func schedules(_ policy: inout SessionPolicy) {
        if let text = text(.dailyCleanupAt) {
            if let time = DailyTime(text) {
                policy.dailyCleanupAt = time
            } else {
                report(.dailyCleanupAt, "must be a time of the day in UTC, such as 02:00")
            }
        }
        if let text = text(.weeklyCleanupAt) {
            if let time = WeeklyTime(text) {
                policy.weeklyCleanupAt = time
            } else {
                report(.weeklyCleanupAt, "must be a day and a time in UTC, such as: sun 03:00")
            }
        }
        if text(.auditRetention) == "forever" {
            policy.auditRetention = nil
        } else {
            policy.auditRetention = .days(
                integer(.auditRetention, default: 365, in: 1...36_500, unit: "days", or: "forever")
            )
        }
        let percent = integer(.orphanUsersMaximumPercent, default: 50, in: 1...100, unit: "percent")
        policy.orphanRule = orphanRule()
        policy.orphanRule?.maximumShare = Double(percent) / 100
    }

    private mutating func orphanRule() -> OrphanRule? {
        let table = text(.orphanUsersTable)
        let query = text(.orphanUsersQuery)
        if table != nil, query != nil {
            report(.orphanUsersQuery, "is set besides ORPHAN_USERS_TABLE; keep one")
            return nil
        }
        do throws(SessionError) {
            if let table { return try OrphanRule(table: table) }
            if let query { return try OrphanRule(query: query) }
        } catch {
            report(table == nil ? .orphanUsersQuery : .orphanUsersTable, error.message)
        }
        return nil
    }
}
