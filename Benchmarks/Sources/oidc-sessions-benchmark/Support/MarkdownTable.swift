import Foundation

/// A table for people and for the notes of a change.
struct MarkdownTable {
    let title: String
    let columns: [String]
    private var rows: [[String]] = []

    init(_ title: String, columns: [String]) {
        self.title = title
        self.columns = columns
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    func print() {
        let separator = columns.indices.map { $0 == 0 ? "---" : "---:" }
        let lines = [columns, separator] + rows
        Swift.print("\n### \(title)\n")
        for line in lines { Swift.print("| \(line.joined(separator: " | ")) |") }
    }

    /// A rate with three digits: `8.21 k`.
    static func rate(_ rate: Double) -> String {
        rate >= 1_000 ? String(format: "%.3g k", rate / 1_000) : String(format: "%.0f", rate)
    }

    static func ratio(_ first: Double, to second: Double) -> String {
        second > 0 ? String(format: "%.2f", first / second) : "-"
    }

    /// Milliseconds out of microseconds.
    static func milliseconds(_ microseconds: Double?) -> String {
        microseconds.map { String(format: "%.2f", $0 / 1_000) } ?? "-"
    }
}
