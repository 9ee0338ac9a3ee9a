import Foundation
import Sessions

extension Session {
    /// Whether the access token ends within so long, by the store's clock at the time of reading.
    func isAccessTokenExpiring(within margin: Duration) -> Bool {
        guard detail == .identity || accessToken != nil else { return true }
        return accessTokenExpiresAt.map { $0.timeIntervalSince(readAt) <= margin.inSeconds } ?? false
    }

    /// Whether the access token is still good so long after the session was read.
    func hasUsableAccessToken(after elapsed: Duration) -> Bool {
        accessToken != nil && (accessTokenExpiresAt.map { $0.timeIntervalSince(readAt) > elapsed.inSeconds } ?? true)
    }

    /// How long the access token is good yet; zero when it isn't, or its end isn't known.
    var accessTokenLifetime: Duration {
        let seconds = accessTokenExpiresAt.map { $0.timeIntervalSince(readAt) } ?? 0
        return .milliseconds(Int64(min(max(seconds, 0), 1e9) * 1000))
    }

    /// Whether what was found without a refresh is what a request needs.
    func meets(_ need: RefreshLeaseRequest.Need) -> Bool {
        switch need {
        case .expiring(let margin): !isAccessTokenExpiring(within: margin)
        // Only the store knows.
        case .notRefreshedSince: false
        }
    }
}
