import HTTPTypes
import LoginFlow
import Sessions

/// What a request could not be answered with, as an answer: safe to show to whoever asked.
struct ServerError: Error {
    var status: HTTPResponse.Status
    /// The stable word for programs.
    var code: String
    /// A sentence or two for people.
    var explanation: String
    /// In seconds, rounded up.
    var retryAfter: Int?
    /// Fields that belong to the status, such as `Allow`.
    var headers: HTTPFields = [:]
    /// Where "try again" leads; nil offers the start page only.
    var retry: NewLogin?
    /// Whether the log has it already.
    var isReported = false
    /// What happened, for the log.
    var cause: (any Error)?

    /// The cause as the log shows it: what isn't one of ours may carry anything in its description.
    var loggedCause: String? { cause.map { ($0 as? LoginError)?.description ?? "\(type(of: $0))" } }

    init(_ status: HTTPResponse.Status, _ code: String, _ explanation: String, headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.explanation = explanation
        self.headers = headers
    }

    init(_ error: LoginError) {
        self.init(HTTPResponse.Status(code: error.code.httpStatus), error.code.name, error.code.explanation)
        self.retryAfter = error.retryAfter.map { max(1, Int($0.components.seconds)) }
        self.retry = error.retry ?? (error.code == .loginNotFound || error.code == .invalidCallback ? NewLogin() : nil)
        self.cause = error
    }

    init(_ error: SessionError) {
        self.init(LoginError(error))
        if status == .serviceUnavailable {
            explanation = "Your session cannot be checked at the moment. Please try again in a moment."
        }
    }

    /// For those who look after sessions, not for their owners.
    init(forOperators error: SessionError) {
        self.init(error)
        if status == .serviceUnavailable {
            explanation = "The database cannot be reached or is too busy. Please try again in a moment."
        }
    }
}

extension ServerError {
    static let notFound = ServerError(.notFound, "not_found", "There is nothing at this address.")

    /// RFC 9110 section 15.5.20: nothing of this server goes by that name.
    static let misdirected = ServerError(
        HTTPResponse.Status(code: 421, reasonPhrase: "Misdirected Request"),
        "unknown_host",
        "This server has no site of that name."
    )

    static let noSuchSession = ServerError(.notFound, "session_not_found", "There is no such session.")

    static let forbidden = ServerError(
        .forbidden,
        "cross_site_request",
        "This request did not come from a page of this site, so nothing was done."
    )

    // RFC 9110 section 15.5.2 wants a challenge; this scheme is nobody's, so no browser asks for a password.
    static let notSignedIn = ServerError(
        .unauthorized,
        "not_signed_in",
        "You are not signed in.",
        headers: [.wwwAuthenticate: "Session"]
    )

    /// RFC 6750 section 3: `error` only for whoever presented something.
    static func tokenRequired(isPresented: Bool) -> ServerError {
        let challenge = "Bearer realm=\"oidc-sessions\"" + (isPresented ? ", error=\"invalid_token\"" : "")
        var error = ServerError(
            .unauthorized,
            "token_required",
            "This address takes a bearer token in the Authorization field, and a right one did not come.",
            headers: [.wwwAuthenticate: challenge]
        )
        error.isReported = true
        return error
    }

    static let unknownIssuer = ServerError(
        .badRequest,
        "unknown_issuer",
        "This link names no sign-in provider of this service, so nothing was begun."
    )

    static let payloadTooLarge = ServerError(.contentTooLarge, "payload_too_large", "The request is too large.")

    static let unreadableBody = ServerError(.badRequest, "invalid_request", "The request could not be read.")

    static func unsupportedMediaType(wanted: String) -> ServerError {
        ServerError(.unsupportedMediaType, "unsupported_media_type", "The content type has to be \(wanted) here.")
    }

    /// A parameter or member that isn't what it has to be; the name comes from the caller.
    static func invalidParameter(_ name: String, _ problem: String) -> ServerError {
        let isPlain = (1...64).contains(name.utf8.count) && BearerTokens.isToken(name.utf8[...])
        let subject = isPlain ? "The parameter '\(name)'" : "A parameter"
        return ServerError(.badRequest, "invalid_parameter", "\(subject) \(problem).")
    }

    static func invalidBody(_ problem: String) -> ServerError {
        ServerError(.badRequest, "invalid_request", "The body \(problem).")
    }

    static let headersTooLarge = ServerError(
        .requestHeaderFieldsTooLarge,
        "request_headers_too_large",
        "Your browser sent more cookies than can be read. Please delete the cookies of this site and try again."
    )

    static let severalHosts = ServerError(.badRequest, "invalid_request", "The request names two hosts.")

    static let uriTooLong = ServerError(.uriTooLong, "uri_too_long", "The address is too long.")

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> ServerError {
        ServerError(
            .methodNotAllowed,
            "method_not_allowed",
            "This address does not take that kind of request.",
            headers: [.allow: allowed.map(\.rawValue).joined(separator: ", ")]
        )
    }

    static func unexpected(_ error: any Error) -> ServerError {
        var failure = ServerError(.internalServerError, "internal_error", LoginError.Code.failed.explanation)
        failure.cause = error
        return failure
    }

    /// The answer to any error.
    static func describing(_ error: any Error) -> ServerError {
        switch error {
        case let error as ServerError: error
        case let error as LoginError: ServerError(error)
        case let error as SessionError: ServerError(error)
        default: .unexpected(error)
        }
    }
}
