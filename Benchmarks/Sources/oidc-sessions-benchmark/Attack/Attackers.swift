import Foundation
import Synchronization

/// Strangers at a steady rate, on connections that are kept.
struct Attackers: Sendable {
    let kind: AttackKind
    let port: UInt16
    let scale: AttackScale
    let provider: AttackProvider

    /// Attacks for so long; answers how many requests got which status, 0 for none.
    func run(seconds: Int) async -> [Int: Int] {
        let total = Mutex<[Int: Int]>([:])
        // Put together once: on cores that both share, what the attacker spends is taken from the honest as well.
        let cookies = String(repeating: "x", count: 64 * 1024)
        let padded = "GET /session HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nCookie: padding=\(cookies)\r\n\r\n"
        await onThreads(scale.attackConnections) { index in
            let client = WebClient(port: port)
            var statuses: [Int: Int] = [:]
            paced(index, of: scale.attackConnections, rate: scale.attackRate, seconds: seconds) { _ in
                let answer = try? request(by: client, padded)
                statuses[answer?.status ?? 0, default: 0] += 1
            }
            total.withLock { $0.merge(statuses, uniquingKeysWith: +) }
        }
        return total.withLock { $0 }
    }

    private func request(by client: WebClient, _ padded: String) throws -> WebClient.Answer {
        switch kind {
        case .logins: try client.get("/login?return_to=/reports", fields: ["X-Forwarded-For: 192.0.2.1"])
        case .spreadLogins: try client.get("/login?return_to=/reports", fields: [anybody])
        case .longLogins:
            try client.get("/login?return_to=/" + String(repeating: "r", count: 2_047), fields: [anybody])
        case .kids: try client.post("/backchannel-logout", form: "logout_token=\(provider.forgedLogoutToken())")
        case .callbacks: try client.get("/callback?code=c&state=\(UUID().uuidString)", fields: [madeUpCookies])
        case .cookies: try client.exchange(padded)
        }
    }

    private var anybody: String {
        "X-Forwarded-For: \((0..<4).map { _ in "\(Int.random(in: 1...254))" }.joined(separator: "."))"
    }

    private var madeUpCookies: String { "Cookie: oidc_session=\(UUID().uuidString)" }
}
