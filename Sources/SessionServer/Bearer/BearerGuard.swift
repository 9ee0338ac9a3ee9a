import HTTPTypes
import Hummingbird
import Logging
import Synchronization

/// Lets callers with a right token through; counts the others, and logs some of them.
final class BearerGuard: Sendable {
    /// What was wrong: a word from a fixed list, for metrics and logs.
    enum Failure: String, Sendable {
        case absent
        case malformed
        case wrong
    }

    let surface: BearerSurface
    private let tokens: BearerTokens
    private let throttle = Mutex(FailureThrottle())

    init(surface: BearerSurface, tokens: BearerTokens) {
        self.surface = surface
        self.tokens = tokens
    }

    /// Who is asking.
    ///
    /// Only the `Authorization` field counts: not a cookie, which browsers send by themselves, and not the query, which
    /// ends in logs (RFC 6750 section 2.3).
    func caller(of visit: Visit) throws(ServerError) -> BearerCaller {
        let failure: Failure
        switch Self.token(in: visit.request.headers) {
        case .success(let token):
            if let caller = tokens.caller(presenting: token) { return caller }
            failure = .wrong
        case .failure(let reason):
            failure = reason
        }
        report(failure, visit)
        throw .tokenRequired(isPresented: failure != .absent)
    }

    /// The token of the one `Authorization` field; two could mean different callers to different readers.
    static func token(in headers: HTTPFields) -> Result<Substring.UTF8View, Failure> {
        let fields = headers[values: .authorization]
        guard let field = fields.first else { return .failure(.absent) }
        guard fields.count == 1 else { return .failure(.malformed) }
        let credentials = field.utf8[...]
        let scheme = credentials.prefix { $0 != UInt8(ascii: " ") }
        guard scheme.elementsEqual("bearer".utf8, by: { $0 | 0x20 == $1 }) else { return .failure(.malformed) }
        let token = credentials.dropFirst(scheme.count).drop { $0 == UInt8(ascii: " ") }
        return BearerTokens.isToken(token) ? .success(token) : .failure(.malformed)
    }

    private func report(_ failure: Failure, _ visit: Visit) {
        ServerMetrics.bearerFailure(surface, failure)
        guard let count = throttle.withLock({ $0.record(at: .now) }) else { return }
        visit.logger.warning(
            "A bearer token was refused",
            metadata: [
                "surface": "\(surface.rawValue)", "reason": "\(failure.rawValue)",
                "attempts": .stringConvertible(count),
                "address": "\(visit.clientAddress?.description ?? "-")",
            ]
        )
    }
}

extension BearerGuard.Failure: Error {}
