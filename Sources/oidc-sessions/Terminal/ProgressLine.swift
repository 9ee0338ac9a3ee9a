import Synchronization

/// A line on a terminal that shows how far long work has come, and goes when it is done.
///
/// It is written to standard error, and only when that is a terminal: nothing of it reaches a log or a pipe.
final class ProgressLine: Sendable {
    private struct State {
        var lastDraw: ContinuousClock.Instant?
        var drawnColumns = 0
    }

    let isShown: Bool
    private let state = Mutex(State())

    init(isShown: Bool = Terminal.isInteractive) {
        self.isShown = isShown
    }

    /// Shows how far it is.
    ///
    /// - Parameters:
    ///   - what: what is being done.
    ///   - done: how much.
    ///   - total: of how much; nil when nobody knows.
    func update(_ what: String, done: Int, total: Int?) {
        guard isShown else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            // Ten times a second is as much as anybody sees.
            if let last = state.lastDraw, now - last < .milliseconds(100), done != total { return }
            state.lastDraw = now
            let width = (Terminal.errorWidth ?? 80) - 1
            let line = Self.line(what, done: done, total: total, width: width)
            Terminal.draw("\r" + line + String(repeating: " ", count: max(0, state.drawnColumns - line.columns)))
            state.drawnColumns = line.columns
        }
    }

    /// Takes the line away.
    func end() {
        state.withLock { state in
            guard state.drawnColumns > 0 else { return }
            Terminal.draw("\r" + String(repeating: " ", count: state.drawnColumns) + "\r")
            state.drawnColumns = 0
        }
    }

    static func line(_ what: String, done: Int, total: Int?, width: Int) -> String {
        guard let total, total > 0 else { return "\(what) \(done)".onTerminal.cut(to: width) }
        let part = min(1, Double(done) / Double(total))
        let text = "\(what) \(done) of \(total), \(Int(part * 100)) %".onTerminal
        let room = min(30, width - text.columns - 3)
        guard room >= 8 else { return text.cut(to: width) }
        let filled = Int(part * Double(room))
        return "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: room - filled))] \(text)"
    }
}
