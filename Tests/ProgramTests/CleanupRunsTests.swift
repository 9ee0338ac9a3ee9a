import Sessions
import Testing

@testable import oidc_sessions

@Suite("Runs of cleanup on the command line")
struct CleanupRunsTests {
    private func runs(_ reports: [CleanupReport]) async throws -> Int {
        var left = reports[...]
        return try await CleanupRuns.untilDone {
            let report = left.popFirst()
            return try #require(report)
        }.count
    }

    private func cutOff(deleted: Int = 0, at page: Int64? = nil) -> CleanupReport {
        var report = CleanupReport()
        report.isComplete = false
        report.expiredSessions = deleted
        if let page { report.passes = ["expired": page] }
        return report
    }

    @Test("go on while one is cut off that got somewhere, by rows or by pages, and end when all is done")
    func goesOn() async throws {
        let steps = [cutOff(deleted: 5), cutOff(deleted: 5), cutOff(at: 500), cutOff(at: 1000), CleanupReport()]
        #expect(try await runs(steps + [CleanupReport()]) == 5)
    }

    @Test("end after one that got nowhere: the next would not either")
    func ends() async throws {
        let stuck = Array(repeating: cutOff(at: 500), count: 10)
        #expect(try await runs([cutOff(deleted: 5, at: 500)] + stuck) == 2)
        #expect(try await runs(stuck) == 2)
    }

    @Test("end when another process cleans, and after a dry run")
    func others() async throws {
        var skipped = cutOff()
        skipped.didRun = false
        #expect(try await runs([cutOff(deleted: 5), skipped, CleanupReport()]) == 2)
        var dry = cutOff()
        dry.isDryRun = true
        #expect(try await runs([dry, CleanupReport()]) == 1)
    }
}
