import Foundation

/// A file of docs/, as its readers see it.
struct Document {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let text: String

    init(_ path: String) throws {
        text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// The blocks that are marked as one language, without their fences.
    func blocks(_ language: String) -> [String] {
        var blocks: [String] = []
        var block: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let lines = block {
                if line.hasPrefix("```") {
                    blocks.append(lines.joined(separator: "\n"))
                    block = nil
                } else {
                    block = lines + [line]
                }
            } else if line == "```\(language)" {
                block = []
            }
        }
        return blocks
    }

    /// The cells of its tables, header and rule lines left out.
    var rows: [[String]] {
        text.split(separator: "\n").filter { $0.hasPrefix("| ") || $0.hasPrefix("|`") }
            .map { line in
                line.dropFirst().dropLast().replacing("\\|", with: "\u{1}").split(separator: "|")
                    .map { $0.trimmingCharacters(in: .whitespaces).replacing("\u{1}", with: "|") }
            }
            .filter { row in !row.allSatisfy { cell in cell.allSatisfy { "-: ".contains($0) } } }
    }

    /// What stands in backquotes.
    static func codes(_ text: some StringProtocol) -> [String] {
        String(text).matches(of: /`([^`]+)`/).map { String($0.1) }
    }
}
