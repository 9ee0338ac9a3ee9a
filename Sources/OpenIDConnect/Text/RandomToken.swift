/// `state`, `nonce` and code verifiers.
enum RandomToken {
    /// 256 bits of the operating system's random source as 43 base64url characters.
    ///
    /// Conformance tests want a `state` of at most 128 and a `nonce` of at most 43 URL-safe characters, RFC 7636
    /// section 4.1 a verifier of 43 to 128.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for _ in 0..<4 {
            withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
        }
        return Base64URL.encode(bytes)
    }
}
