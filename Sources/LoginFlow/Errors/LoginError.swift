/// Why a login or logout did not go through.
///
/// ``description`` carries no token, code, state, id or claim, and may be logged; ``Code/explanation`` is what a page
/// may say to a person.
public struct LoginError: Error, Sendable {
    /// The stable kind of failure.
    public let code: Code
    /// One sentence for the operator.
    public let message: String
    /// What caused it.
    public let underlying: (any Error)?
    /// When trying again makes sense, if the cause said so.
    public let retryAfter: Duration?
    /// The login to start again, when the failed one was ours and had been found.
    public let retry: NewLogin?

    /// A failure.
    public init(
        _ code: Code,
        _ message: String,
        underlying: (any Error)? = nil,
        retryAfter: Duration? = nil,
        retry: NewLogin? = nil
    ) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.retryAfter = retryAfter
        self.retry = retry
    }

    /// One of a few words.
    public var metricLabel: String { code.name }

    func retrying(_ login: NewLogin) -> LoginError {
        LoginError(code, message, underlying: underlying, retryAfter: retryAfter, retry: login)
    }
}

extension LoginError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The code and the message.
    public var description: String { "\(code.name): \(message)" }

    /// The same, with the cause.
    public var debugDescription: String {
        description + (underlying.map { " [\(String(reflecting: $0))]" } ?? "")
    }
}
