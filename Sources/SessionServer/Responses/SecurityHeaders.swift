import HTTPTypes
import Hummingbird

/// The fields that every answer carries, unless its route has set them already.
enum SecurityHeaders {
    static func apply(to response: inout Response, requestID: String, base: BaseURL) {
        // Whatever depends on who asks must not be kept by anybody; a stylesheet says otherwise itself.
        setDefault(.cacheControl, "no-store", in: &response)
        setDefault(.contentSecurityPolicy, base.isSecure ? securePolicy : loopbackPolicy, in: &response)
        setDefault(.xContentTypeOptions, "nosniff", in: &response)
        setDefault(.referrerPolicy, "no-referrer", in: &response)
        setDefault(.openerPolicy, "same-origin", in: &response)
        setDefault(.resourcePolicy, "same-origin", in: &response)
        if base.isSecure { setDefault(.strictTransportSecurity, "max-age=31536000", in: &response) }
        setDefault(.requestID, requestID, in: &response)
    }

    // Browsers hold form-action against the redirects that follow a form, too: signing out ends at the provider, and
    // at whichever hosts it passes on the way.
    private static let securePolicy = policy(formTargets: "'self' https:")
    private static let loopbackPolicy = policy(formTargets: "'self' https: http://localhost:* http://127.0.0.1:*")

    private static func policy(formTargets: String) -> String {
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action \(formTargets); base-uri 'none'; "
            + "frame-ancestors 'none'"
    }

    private static func setDefault(_ name: HTTPField.Name, _ value: String, in response: inout Response) {
        if !response.headers.contains(name) { response.headers[name] = value }
    }
}
