import Secrets

extension CallbackParameters {
    /// The largest query or form that is read at all.
    public static let maximumBytes = 32 * 1024

    /// The largest `code`.
    public static let maximumCodeBytes = 4096

    private static let maximumStateBytes = 512

    /// Decodes the query of the callback URL, without its `?`.
    ///
    /// Bad percent-encoding, bytes that are no UTF-8, control characters, a parameter given twice (RFC 6749 section 3.1)
    /// and anything beyond the size bounds is a ``problem``, beside which nothing but the state is read. Parameters that no
    /// specification names are ignored.
    ///
    /// - Throws: ``OpenIDConnectError/Code/callbackMalformed`` for such a problem when `state` isn't there once and
    ///   readable either, so that it belongs to no login.
    public init(query: String) throws(OpenIDConnectError) {
        self = try Self.decoded(Array(query.utf8), .query)
    }

    /// Decodes the body of a form post, whose content type the caller has checked to be
    /// `application/x-www-form-urlencoded`.
    ///
    /// - Throws: as ``init(query:)``.
    public init(formBody: [UInt8]) throws(OpenIDConnectError) {
        self = try Self.decoded(formBody, .formPost)
    }

    private static func decoded(_ encoded: [UInt8], _ mode: ResponseMode) throws(OpenIDConnectError) -> Self {
        guard encoded.count <= maximumBytes else { throw malformed("is too large") }
        do throws(OpenIDConnectError) {
            return try CallbackParameters(encoded: encoded, mode)
        } catch {
            guard let state = FormDecoding.soleValue(of: "state", in: encoded), !state.isEmpty,
                state.utf8.count <= maximumStateBytes
            else { throw error }
            return CallbackParameters(unreadable: error, state: Secret(state), mode)
        }
    }

    private init(encoded: [UInt8], _ mode: ResponseMode) throws(OpenIDConnectError) {
        let known = ["code", "state", "iss", "error", "error_description", "error_uri"]
        var values: [String: String] = [:]
        for field in try FormDecoding.fields(encoded) {
            guard let name = known.first(where: field.name.hasSameBytes) else { continue }
            guard values.updateValue(field.value, forKey: name) == nil else {
                throw Self.malformed("has \(name) twice")
            }
        }
        let limits = ["code": Self.maximumCodeBytes, "state": Self.maximumStateBytes, "iss": 2048, "error": 256]
        for (name, limit) in limits {
            guard (values[name] ?? "").utf8.count <= limit else { throw Self.malformed("has too long a \(name)") }
        }
        // RFC 6749 appendix A.11: code = 1*VSCHAR
        guard values["code"].map({ !$0.isEmpty && $0.isPrintableASCII }) ?? true else {
            throw Self.malformed("has an empty code or characters in it that a code cannot have")
        }
        self.responseMode = mode
        self.problem = nil
        self.code = values["code"].map(Secret.init)
        self.state = values["state"].map(Secret.init)
        self.issuer = values["iss"]
        self.error = values["error"]
        self.errorDescription = values["error_description"]
    }

    private init(unreadable problem: OpenIDConnectError, state: Secret<String>, _ mode: ResponseMode) {
        self.responseMode = mode
        self.problem = problem
        self.code = nil
        self.state = state
        self.issuer = nil
        self.error = nil
        self.errorDescription = nil
    }

    private static func malformed(_ reason: String) -> OpenIDConnectError {
        OpenIDConnectError(.callbackMalformed, "the authorization response \(reason)")
    }
}
