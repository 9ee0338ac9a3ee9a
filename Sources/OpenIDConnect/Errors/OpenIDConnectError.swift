/// What went wrong between this relying party and its provider.
///
/// ``description`` never holds a token, a code, a verifier, a secret or a response body, so it may be logged. Pages
/// for users should show a text of their own, chosen by ``code``.
public struct OpenIDConnectError: Error, Sendable {
    /// The stable kind of failure.
    public let code: Code

    /// One sentence for the operator.
    public let message: String

    /// The provider's error code, when it is one that a specification registers (`access_denied`, `invalid_grant`, …);
    /// `unregistered` for any other.
    public let providerError: String?

    /// The provider's `error_description`, cut to 200 printable ASCII characters.
    ///
    /// Text of a stranger: escape it.
    public let providerDescription: String?

    /// The status of the provider's answer; nil when there was none, or it isn't about an answer.
    public let httpStatus: Int?

    /// How long the provider asks to be left alone (`Retry-After`), capped at one hour.
    public let retryAfter: Duration?

    /// The cause, for debugging.
    public let underlying: (any Error)?

    /// Creates an error.
    public init(
        _ code: Code,
        _ message: String,
        providerError: String? = nil,
        providerDescription: String? = nil,
        httpStatus: Int? = nil,
        retryAfter: Duration? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.providerError = providerError
        self.providerDescription = providerDescription
        self.httpStatus = httpStatus
        self.retryAfter = retryAfter
        self.underlying = underlying
    }

    /// A label with few possible values.
    public var metricLabel: String { code.name }

    /// Whether the same step may succeed later: the provider could not be reached, answered 5xx or 429, or in time.
    ///
    /// It says nothing about repeating a code exchange, which is never allowed.
    public var isTransient: Bool { code == .providerUnavailable }
}

extension OpenIDConnectError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Code, sentence and registered provider error.
    public var description: String {
        "\(code.name): \(message)" + (providerError.map { " (\($0))" } ?? "")
    }

    /// ``description`` and the cause.
    public var debugDescription: String {
        description + (underlying.map { " [\(String(reflecting: $0))]" } ?? "")
    }
}
