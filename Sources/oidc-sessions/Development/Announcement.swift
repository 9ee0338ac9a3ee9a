import Synchronization

/// Says where to go once everything listens, so that what to open is the last thing on the screen.
final class Announcement: Sendable {
    /// What has come up.
    enum Part {
        case page
        case metrics(port: Int)
    }

    private struct State {
        var hasPage = false
        var metricsPort: Int?
    }

    private let origin: String
    private let notes: [String]
    private let state = Mutex(State())

    /// - Parameter notes: lines to say before it, about what else there is.
    init(origin: String, notes: [String]) {
        self.notes = notes
        self.origin = origin
    }

    func add(_ part: Part) {
        let metricsPort: Int? = state.withLock { state in
            switch part {
            case .page: state.hasPage = true
            case .metrics(let port): state.metricsPort = port
            }
            return state.hasPage ? state.metricsPort : nil
        }
        guard let metricsPort else { return }
        Terminal.print("Metrics are at http://127.0.0.1:\(metricsPort)/metrics")
        for note in notes { Terminal.print(note) }
        Terminal.print("")
        Terminal.print("Open \(origin) and sign in. Ctrl-C stops everything; the data stays.")
    }
}
