/// Columns for people: left-aligned, as wide as their widest cell, and no wider together than the terminal.
struct TextTable {
    private var rows: [[String]]
    private let uncut: Set<Int>
    private let maximumWidth: Int?
    /// Of the rows that were printed first.
    private var widths: [Int]?

    /// - Parameters:
    ///   - header: the names of the columns.
    ///   - uncut: columns whose cells are kept whole however narrow the terminal is: names to copy.
    ///   - width: how many columns of characters there are; nil: as many as it takes, for pipes and files.
    init(_ header: String..., uncut: Set<Int> = [0], width: Int? = Terminal.width) {
        rows = [header]
        self.uncut = uncut
        maximumWidth = width
    }

    /// Adds a row; what would control the terminal is escaped.
    mutating func add(_ cells: String...) {
        rows.append(cells.map(\.onTerminal))
    }

    private static let gap = "  "
    private static let narrowest = 6

    /// The lines, without blanks at their ends.
    var text: String {
        var copy = self
        return copy.next()
    }

    /// The lines of the rows that were added since the last call, so that a long list is printed as it comes: the
    /// header and the widths are those of the first.
    mutating func next(withHeader: Bool = true) -> String {
        let widths = widths ?? fittedWidths()
        let shown = self.widths == nil && !withHeader ? Array(rows.dropFirst()) : rows
        self.widths = widths
        rows = []
        return shown.map { Self.line($0, widths, cuts: maximumWidth != nil ? uncut : nil) }.joined(separator: "\n")
    }

    private static func line(_ row: [String], _ widths: [Int], cuts uncut: Set<Int>?) -> String {
        let cells = zip(row, widths).enumerated().map { column, pair in
            let (cell, width) = pair
            let shown = uncut.map { $0.contains(column) ? cell : cell.cut(to: width) } ?? cell
            return shown + String(repeating: " ", count: max(0, width - shown.columns))
        }
        let line = cells.joined(separator: gap)
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// Takes from the widest column that may be cut until all fit.
    private func fittedWidths() -> [Int] {
        let count = rows.map(\.count).max() ?? 0
        var widths = (0..<count).map { column in
            rows.compactMap { column < $0.count ? $0[column].columns : nil }.max() ?? 0
        }
        guard let maximumWidth else { return widths }
        var excess = widths.reduce(0, +) + Self.gap.count * max(0, count - 1) - maximumWidth
        while excess > 0 {
            let cuttable = widths.indices.filter { !uncut.contains($0) && widths[$0] > Self.narrowest }
            guard let widest = cuttable.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
