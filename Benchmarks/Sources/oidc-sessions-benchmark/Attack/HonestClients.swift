import Foundation
import Synchronization

/// People who sign in, and programs that ask who they are, at a steady pace whatever the answers take.
final class HonestClients: Sendable {
    /// Milliseconds of each answer, from when it was due: who is kept waiting by the answer before waits too.
    struct Latencies: Sendable {
        var checks: [Double] = []
        var starts: [Double] = []
        var callbacks: [Double] = []
        var failures: [String: Int] = [:]
    }

    private static let checkers = 8
    private static let users = 8

    let port: UInt16
    private let scale: AttackScale
    private let collected = Mutex(Latencies())
    private let number = Atomic(0)

    init(port: UInt16, scale: AttackScale) {
        self.port = port
        self.scale = scale
    }

    func run(seconds: Int) async -> Latencies {
        collected.withLock { $0 = Latencies() }
        await onThreads(Self.checkers + Self.users) { [self] index in
            var own = Latencies()
            if index < Self.checkers {
                check(index, seconds: seconds, into: &own)
            } else {
                signIn(index - Self.checkers, seconds: seconds, into: &own)
            }
            collected.withLock { all in
                all.checks += own.checks
                all.starts += own.starts
                all.callbacks += own.callbacks
                all.failures.merge(own.failures, uniquingKeysWith: +)
            }
        }
        return collected.withLock { $0 }
    }

    private func check(_ index: Int, seconds: Int, into own: inout Latencies) {
        let client = WebClient(port: port)
        var ignored = Latencies()
        guard let cookie = login(client, address: "198.51.100.\(index)", into: &ignored, since: .now) else {
            own.failures["no session to check with", default: 0] += 1
            return
        }
        paced(index, of: Self.checkers, rate: scale.honestChecks, seconds: seconds) { due in
            answer(&own.checks, "check", &own.failures, since: due, expecting: 200) {
                try client.get("/session", fields: ["Cookie: \(cookie)"])
            }
        }
    }

    private func signIn(_ index: Int, seconds: Int, into own: inout Latencies) {
        let client = WebClient(port: port)
        var logins = 0
        paced(index, of: Self.users, rate: scale.honestLogins, seconds: seconds) { due in
            logins += 1
            // Everybody has an address of his own.
            _ = login(client, address: "203.\(index).\(logins / 250 % 250).\(logins % 250)", into: &own, since: due)
        }
    }

    private func login(
        _ client: WebClient,
        address: String,
        into own: inout Latencies,
        since due: ContinuousClock.Instant
    ) -> String? {
        let forwarded = "X-Forwarded-For: \(address)"
        guard
            let started = answer(
                &own.starts,
                "login",
                &own.failures,
                since: due,
                expecting: 303,
                { try client.get("/login?return_to=/reports", fields: [forwarded]) }
            ), let location = started.location, let cookie = started.cookies.first,
            let query = URLComponents(string: location)?.queryItems,
            let state = query.first(where: { $0.name == "state" })?.value,
            let nonce = query.first(where: { $0.name == "nonce" })?.value
        else { return nil }
        let user = number.wrappingAdd(1, ordering: .relaxed).newValue
        let finished = answer(&own.callbacks, "callback", &own.failures, since: .now, expecting: 303) {
            try client.get(
                "/callback?code=user-\(user).\(nonce)&state=\(state)",
                fields: [forwarded, "Cookie: \(cookie)"]
            )
        }
        return finished?.cookies.first { $0.hasPrefix("oidc_session=") }
    }

    @discardableResult
    private func answer(
        _ latencies: inout [Double],
        _ name: String,
        _ failures: inout [String: Int],
        since due: ContinuousClock.Instant,
        expecting status: Int,
        _ ask: () throws -> WebClient.Answer
    ) -> WebClient.Answer? {
        let answer = try? ask()
        latencies.append((ContinuousClock.now - due) / .milliseconds(1))
        if answer?.status == status { return answer }
        failures["\(name) \(answer?.status ?? 0)", default: 0] += 1
        return nil
    }
}

/// Does something at a steady rate that all threads make together; who is late goes on at once.
func paced(_ index: Int, of threads: Int, rate: Int, seconds: Int, _ body: (ContinuousClock.Instant) -> Void) {
    let clock = ContinuousClock()
    let start = clock.now
    let pause = Duration.microseconds(1_000_000 * threads / max(rate, 1))
    var due = start.advanced(by: pause * index / threads)
    let end = start.advanced(by: .seconds(seconds))
    while due < end, clock.now < end {
        let wait = due - clock.now
        if wait > .zero { usleep(UInt32(wait / .microseconds(1))) }
        body(due)
        due = due.advanced(by: pause)
    }
}
