import Foundation

/// The tables of the attacks.
struct AttackReport {
    struct Row: Sendable {
        let kind: AttackKind
        let alone: HonestClients.Latencies
        let attacked: HonestClients.Latencies
        let statuses: [Int: Int]
        let keyRequests: Int
        /// MB before, at most during, and after it all.
        let memory: (before: Double, most: Double, after: Double)
        /// Before, after the attack, after the cleaning, after another attack.
        let sizes: [TableSize]
        let cleaningSeconds: Double?
    }

    let scale: AttackScale
    private var rows: [Row] = []

    init(scale: AttackScale) { self.scale = scale }

    mutating func add(_ row: Row) { rows.append(row) }

    func print() {
        var honest = MarkdownTable(
            "Honest requests beside attacks of \(scale.attackRate) requests a second for \(scale.attackSeconds) s",
            columns: [
                "attack", "honest requests", "p50 ms alone", "attacked", "p99 ms alone", "attacked", "of alone",
                "failed",
            ]
        )
        var cost = MarkdownTable(
            "What attacks get and leave",
            columns: ["attack", "reached/s", "answers", "keys asked for", "RSS MB before", "most", "after"]
        )
        var table = MarkdownTable(
            "The table",
            columns: ["attack", "when", "rows", "started logins", "table MB", "indexes MB", "cleaning s"]
        )
        for row in rows {
            let kinds: [(String, KeyPath<HonestClients.Latencies, [Double]>)] = [
                ("GET /session", \.checks), ("GET /login", \.starts), ("GET /callback", \.callbacks),
            ]
            for (name, path) in kinds {
                let (alone, attacked) = (row.alone[keyPath: path].sorted(), row.attacked[keyPath: path].sorted())
                honest.add([
                    row.kind.title, name, Self.percentile(alone, 50), Self.percentile(attacked, 50),
                    Self.percentile(alone, 99), Self.percentile(attacked, 99),
                    MarkdownTable.ratio(Self.value(attacked, 99), to: Self.value(alone, 99)),
                    name == "GET /session" ? Self.failures(row) : "",
                ])
            }
            let reached = row.statuses.values.reduce(0, +) / max(scale.attackSeconds, 1)
            let answers = row.statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            cost.add([
                row.kind.title, "\(reached)", answers.joined(separator: ", "), "\(row.keyRequests)",
                Self.tenths(row.memory.before), Self.tenths(row.memory.most), Self.tenths(row.memory.after),
            ])
            for (when, size) in zip(["before", "after", "cleaned", "again"], row.sizes) {
                table.add([
                    row.kind.title, when, "\(size.rows)", "\(size.logins)", Self.megabytes(size.tableBytes),
                    Self.megabytes(size.indexBytes),
                    when == "cleaned" ? row.cleaningSeconds.map(Self.tenths) ?? "" : "",
                ])
            }
        }
        honest.print()
        cost.print()
        table.print()
    }

    private static func failures(_ row: Row) -> String {
        let failures =
            row.alone.failures.map { "alone: \($0.key) x\($0.value)" }
            + row.attacked.failures.map { "\($0.key) x\($0.value)" }
        return failures.isEmpty ? "none" : failures.sorted().joined(separator: ", ")
    }

    private static func value(_ sorted: [Double], _ percent: Int) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count * percent / 100, sorted.count - 1)]
    }

    private static func percentile(_ sorted: [Double], _ percent: Int) -> String {
        String(format: "%.2f", value(sorted, percent))
    }

    private static func tenths(_ number: Double) -> String { String(format: "%.1f", number) }

    private static func megabytes(_ bytes: Int64) -> String { tenths(Double(bytes) / 1_048_576) }
}
