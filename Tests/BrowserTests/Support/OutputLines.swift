import Foundation
import Synchronization

/// Cuts what a program says into lines, and keeps all of it.
final class OutputLines: Sendable {
    private struct State {
        var transcript = ""
        var partial = Data()
    }

    private let state = Mutex(State())
    private let input: AsyncStream<String>.Continuation
    /// For one reader.
    let lines: AsyncStream<String>

    init(_ handle: FileHandle) {
        (lines, input) = AsyncStream.makeStream(of: String.self)
        handle.readabilityHandler = { [self] handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                input.finish()
            } else {
                take(data)
            }
        }
    }

    var transcript: String { state.withLock { $0.transcript } }

    private func take(_ data: Data) {
        let complete = state.withLock { state in
            state.transcript += String(decoding: data, as: UTF8.self)
            state.partial += data
            let parts = state.partial.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            state.partial = Data(parts.last ?? Data())
            return parts.dropLast().map { String(decoding: $0, as: UTF8.self) }
        }
        for line in complete { input.yield(line) }
    }
}
