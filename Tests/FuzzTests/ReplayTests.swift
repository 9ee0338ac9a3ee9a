import Foundation
import Testing

/// What libFuzzer found worth keeping, and what it broke once, through the bodies that it calls (docs/fuzzing.md).
@Suite("Fuzz targets")
struct ReplayTests {
    /// An input takes milliseconds, where nothing else runs; on a crowded machine one has waited for a minute.
    private static let limit = Duration.seconds(120)

    @Test("RX-07 every parser keeps its promises, about what fuzzing found as well", arguments: FuzzTarget.all)
    func replays(_ target: FuzzTarget) async throws {
        let inputs = try FuzzInputs.committed(for: target)
        #expect(inputs.count >= 5, "a corpus that shows nothing")
        for input in inputs {
            let watchdog = Watchdog("\(target.name) on \(input.name)")
            let start = ContinuousClock.now
            do {
                try await target.check(input.bytes)
            } catch {
                Issue.record(error, "\(target.name) on \(input.name)")
            }
            watchdog.stop()
            #expect(ContinuousClock.now - start < Self.limit, "\(target.name) on \(input.name)")
            #expect(input.bytes.count <= target.maximumBytes, "\(input.name) is longer than what is tried")
        }
    }

    /// scripts/fuzz takes the names of the folders for the targets'.
    @Test("What is committed for fuzzing is small, and belongs to a target")
    func tidiness() throws {
        let names = Set(FuzzTarget.all.map(\.name))
        #expect(names.count == FuzzTarget.all.count)
        #expect(try FuzzInputs.folders() == names)
        let sizes = try FuzzTarget.all.flatMap { try FuzzInputs.committed(for: $0) }.map(\.bytes.count)
        #expect(sizes.reduce(0, +) < 1 << 20)
    }
}

extension FuzzTarget: CustomTestStringConvertible {
    var testDescription: String { name }
}
