import Secrets

extension CallbackParameters {
    /// The largest query or form that is read at all.
    public static let maximumBytes = 32 * 1024

    /// The largest `code`.
    public static let maximumCodeBytes = 4096

    /// Decodes the query of the callback URL, without its `?`.
    ///
    /// - Throws: ``OpenIDConnectError/Code/callbackMalformed`` for bad percent-encoding, bytes that are no UTF-8,
    ///   control characters, a parameter given twice (RFC 6749 section 3.1), or anything beyond the size bounds.
    ///   Parameters that no specification names are ignored.
    public init(query: String) throws(OpenIDConnectError) {
        try self.init(encoded: Array(query.utf8))
    }

    /// Decodes the body of a form post, whose content type the caller has checked to be
    /// `application/x-www-form-urlencoded`.
    ///
    /// - Throws: as ``init(query:)``.
    public init(formBody: [UInt8]) throws(OpenIDConnectError) {
        try self.init(encoded: formBody)
    }

    private init(encoded: [UInt8]) throws(OpenIDConnectError) {
        guard encoded.count <= Self.maximumBytes else { throw Self.malformed("is too large") }
        let known = ["code", "state", "iss", "error", "error_description", "error_uri"]
        var values: [String: String] = [:]
        for field in try FormDecoding.fields(encoded) {
            guard let name = known.first(where: field.name.hasSameBytes) else { continue }
            guard values.updateValue(field.value, forKey: name) == nil else {
                throw Self.malformed("has \(name) twice")
            }
        }
        let limits = ["code": Self.maximumCodeBytes, "state": 512, "iss": 2048, "error": 256]
        for (name, limit) in limits {
            guard (values[name] ?? "").utf8.count <= limit else { throw Self.malformed("has too long a \(name)") }
        }
        // RFC 6749 appendix A.11: code = 1*VSCHAR
        guard values["code"].map({ !$0.isEmpty && $0.isPrintableASCII }) ?? true else {
            throw Self.malformed("has an empty code or characters in it that a code cannot have")
        }
        self.code = values["code"].map(Secret.init)
        self.state = values["state"].map(Secret.init)
        self.issuer = values["iss"]
        self.error = values["error"]
        self.errorDescription = values["error_description"]
    }

    private static func malformed(_ reason: String) -> OpenIDConnectError {
        OpenIDConnectError(.callbackMalformed, "the authorization response \(reason)")
    }
}
