import Patience
import Synchronization

/// A fault that waits in a ``FaultProxy`` for one statement, and happens once, at a chosen byte of the exchange.
public final class Snare: Sendable {
    /// Where in the exchange of a statement and its answer.
    public enum Moment: String, Sendable, CaseIterable {
        /// The server has seen nothing of it.
        case beforeRequest
        /// The server has the first half of the request's bytes.
        case insideRequest
        /// The server has done it, and committed; nothing of its answer has left the proxy.
        case beforeAnswer
        /// The client has the first half of the answer's bytes.
        case insideAnswer

        /// Whether the server has done the statement by then.
        public var isAfterCommit: Bool { self == .beforeAnswer || self == .insideAnswer }
    }

    /// What happens there.
    public enum Effect: Sendable {
        /// Both connections are closed.
        case cut
        /// Everything on this connection stands still until ``Snare/release()``.
        case hold
    }

    private struct State {
        var isSprung = false
        var isReleased = false
    }

    /// Part of the statement's text.
    let statement: String
    let moment: Moment
    let effect: Effect
    private let state = Mutex(State())

    init(_ statement: String, _ moment: Moment, _ effect: Effect) {
        self.statement = statement
        self.moment = moment
        self.effect = effect
    }

    /// Whether it has happened.
    public var isSprung: Bool { state.withLock { $0.isSprung } }

    /// Lets a connection that it holds go on.
    public func release() {
        state.withLock { $0.isReleased = true }
    }

    /// Waits until it has happened.
    ///
    /// - Throws: `NeverHappened`, so that a statement that never comes ends the test.
    public func sprung() async throws {
        try await eventually("a statement with: \(statement)") { isSprung }
    }

    /// Takes the one time that it happens; `false` when it was taken before.
    func spring() -> Bool {
        state.withLock { state in
            defer { state.isSprung = true }
            return !state.isSprung
        }
    }

    var isReleased: Bool { state.withLock { $0.isReleased } }
}
