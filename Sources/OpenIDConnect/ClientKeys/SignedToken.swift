/// A JWT of this client's own (RFC 7515 section 7.1).
enum SignedToken {
    static func make(
        header: [String: JSONValue],
        claims: [String: JSONValue],
        algorithm: String,
        sign: ([UInt8]) throws(OpenIDConnectError) -> [UInt8]
    ) throws(OpenIDConnectError) -> String {
        var header = header
        header["alg"] = .string(algorithm)
        let text = [header, claims]
            .map { Base64URL.encode(Array(JSONValue.object($0).serialized().utf8)) }
            .joined(separator: ".")
        return text + "." + Base64URL.encode(try sign(Array(text.utf8)))
    }
}
