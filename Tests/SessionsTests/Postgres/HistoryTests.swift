import Foundation
import Patience
import PostgresPipeline
import Secrets
import Synchronization
import Testing

@testable import Sessions

/// What clients saw of sessions, and whether one order of it all explains it.
@Suite("Histories of sessions", .serialized)
struct HistoryTests {
    /// What somebody did to a session, or saw of it, and when: it happened at one moment between the two.
    struct Event: Sendable {
        enum Kind: Sendable {
            /// It was there.
            case alive
            /// It wasn't there any more.
            case over
            /// It was ended, and that was said to be done.
            case ended
            /// It may have been ended.
            case mayHaveEnded
        }

        let session: SessionID
        let kind: Kind
        let start: ContinuousClock.Instant
        let end: ContinuousClock.Instant
    }

    /// What no order explains; a session is alive from the answer to its creation on, and never again once it is over.
    static func contradictions(in events: [Event]) -> [String] {
        var found: [String] = []
        for (session, events) in Dictionary(grouping: events, by: \.session) {
            // From here on it can't have been alive, and before here it can't have been over.
            let over = events.filter { $0.kind == .ended || $0.kind == .over }.map(\.end).min()
            let endings = events.filter { $0.kind == .ended || $0.kind == .mayHaveEnded }.map(\.start).min()
            for event in events {
                if event.kind == .alive, let over, event.start > over {
                    found.append("\(session.handle) was alive after it was over")
                }
                if event.kind == .over, endings.map({ event.end < $0 }) ?? true {
                    found.append("\(session.handle) was over before anybody ended it")
                }
            }
        }
        return found
    }

    /// The sessions of a run and what was seen of them.
    private final class History: Sendable {
        private struct State {
            var sessions: [SessionID] = []
            var events: [Event] = []
            var failures = 0
        }

        private let state = Mutex(State())

        var sessions: [SessionID] { state.withLock { $0.sessions } }
        var events: [Event] { state.withLock { $0.events } }
        var failures: Int { state.withLock { $0.failures } }

        func add(_ session: SessionID) { state.withLock { $0.sessions.append(session) } }

        /// One of the latest, so that several clients meet at it.
        func any() -> SessionID? { state.withLock { $0.sessions.suffix(12).randomElement() } }

        /// Does something and keeps what came of it.
        ///
        /// - Parameter failure: what a failure may have been.
        func note(
            _ session: SessionID,
            _ failure: Event.Kind? = nil,
            _ body: () async throws -> Event.Kind
        ) async {
            let start = ContinuousClock.now
            let kind: Event.Kind?
            do {
                kind = try await body()
            } catch {
                kind = failure
                state.withLock { $0.failures += 1 }
            }
            guard let kind else { return }
            let event = Event(session: session, kind: kind, start: start, end: .now)
            state.withLock { $0.events.append(event) }
        }
    }

    private static let clients = 10
    private static let steps = 120

    @Test("RC-16 what ten clients at two replicas see has one order while connections die: nothing lives after its end")
    func underFaults() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            try await fixture.replica(connections: 4) { other in
                let managers = [fixture.manager(), other.manager()]
                let history = History()
                await withTaskGroup(of: Void.self) { faults in
                    faults.addTask {
                        while !Task.isCancelled {
                            _ = try? await fixture.texts(Self.kill)
                            let next = history.events.count + history.failures + 50
                            try? await eventually("the clients have done more") {
                                history.events.count + history.failures >= next
                            }
                        }
                    }
                    await withTaskGroup(of: Void.self) { group in
                        for client in 0..<Self.clients {
                            group.addTask { await Self.work(client, managers[client % 2], history) }
                        }
                    }
                    faults.cancelAll()
                }
                // What is left, once it is quiet.
                for session in history.sessions { try await Self.look(session, managers[0], history) }
                #expect(Self.contradictions(in: history.events) == [])
                let kinds = Set(history.events.map(\.kind))
                #expect(kinds.isSuperset(of: [.alive, .over, .ended]), "the clients did something")
                #expect(history.failures > 0, "connections died")
                let seen = Dictionary(grouping: history.events, by: \.session).mapValues(\.count)
                #expect(history.sessions.allSatisfy { seen[$0, default: 0] > 0 })
            }
        }
    }

    // Everybody's connections but the one that asks.
    private static let kill = """
        SELECT pg_terminate_backend(pid)::text
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5
        """

    /// Looks until there is an answer.
    private static func look(_ session: SessionID, _ manager: SessionManager, _ history: History) async throws {
        try await eventually("there is an answer") {
            let before = history.failures
            await history.note(session) {
                try await manager.getSession(session, touch: false) == nil ? .over : .alive
            }
            return history.failures == before
        }
    }

    /// One client: creates, reads, changes, rotates and ends sessions that others use as well.
    private static func work(_ client: Int, _ manager: SessionManager, _ history: History) async {
        for step in 0..<steps {
            let user = UserKey(tenantID: "acme", issuer: "https://id.example", subject: "user-\(client)-\(step)")
            guard let session = history.any(), Int.random(in: 0..<5) > 0 else {
                if let new = try? await manager.completeLogin(login(user), replacing: nil) { history.add(new.id) }
                continue
            }
            switch Int.random(in: 0..<8) {
            case 0:
                await history.note(session, .mayHaveEnded) {
                    try await manager.deleteSession(session) ? .ended : .over
                }
            case 1:
                await history.note(session, .mayHaveEnded) {
                    try await manager.revokeSession(session) ? .ended : .over
                }
            case 2:
                // Somebody signs in where somebody is signed in: the id changes.
                await history.note(session, .mayHaveEnded) {
                    let new = try await manager.completeLogin(login(user), replacing: session)
                    history.add(new.id)
                    return .ended
                }
            case 3:
                await history.note(session) {
                    let update = SessionUpdate(accessToken: Secret("token-\(client)-\(step)"))
                    return try await manager.updateSession(session, update) == nil ? .over : .alive
                }
            default:
                await history.note(session) { try await manager.getSession(session) == nil ? .over : .alive }
            }
        }
    }

    @Test("RC-16 the check finds a session that lives on after its end, or is gone before it", arguments: 0..<6)
    func checker(index: Int) {
        let session = SessionID()
        let zero = ContinuousClock.now
        func event(_ kind: Event.Kind, _ start: Int, _ end: Int) -> Event {
            Event(session: session, kind: kind, start: zero + .seconds(start), end: zero + .seconds(end))
        }
        let histories: [(events: [Event], isExplained: Bool)] = [
            ([event(.alive, 0, 1), event(.ended, 2, 3), event(.over, 4, 5)], true),
            ([event(.ended, 2, 3), event(.alive, 4, 5)], false),
            // At the same time as the end either is right, but not one after the other.
            ([event(.ended, 2, 8), event(.over, 3, 4), event(.alive, 3, 5)], true),
            ([event(.ended, 2, 8), event(.over, 3, 4), event(.alive, 5, 6)], false),
            ([event(.mayHaveEnded, 2, 3), event(.over, 9, 10), event(.alive, 4, 5)], true),
            ([event(.over, 0, 1), event(.ended, 2, 3)], false),
        ]
        let history = histories[index]
        #expect(Self.contradictions(in: history.events).isEmpty == history.isExplained)
    }
}
