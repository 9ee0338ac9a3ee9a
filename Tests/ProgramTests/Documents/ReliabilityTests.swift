import Testing

/// docs/reliability.md against the tests that there are.
@Suite("docs/reliability.md")
struct ReliabilityTests {
    @Test("Every fault says what happens and names tests that exist")
    func complete() throws {
        let names = try CoverageTests.testNames()
        let rows = try Document("docs/reliability.md").rows.filter { $0.count != 2 && $0.first != "fault" }
        #expect(rows.count > 20)
        for row in rows {
            #expect(row.count == 5, "\(row)")
            #expect(row.prefix(2).allSatisfy { !$0.isEmpty }, "\(row)")
            let tests = row.last.map { Document.codes($0) } ?? []
            #expect(!tests.isEmpty, "no test: \(row)")
            for test in tests { #expect(names.contains(test), "no such test: \(test)") }
        }
    }
}
