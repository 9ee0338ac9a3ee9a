import Foundation
import Testing

@testable import oidc_sessions

@Suite("docs/settings.md is true")
struct SettingsDocumentTests {
    private static let document = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/settings.md")

    @Test("every setting is described, and nothing that is no setting")
    func complete() throws {
        let rows = try String(contentsOf: Self.document, encoding: .utf8)
            .split(separator: "\n").filter { $0.hasPrefix("| `") }
        let described = rows.flatMap { row in
            row.split(separator: "|")[0].matches(of: /`([A-Z_]+)`/).map { String($0.1) }
        }
        #expect(described.sorted() == SettingName.allCases.map(\.rawValue).sorted())
    }
}
