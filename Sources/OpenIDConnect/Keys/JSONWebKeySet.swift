/// A provider's published keys.
struct JSONWebKeySet: Sendable, Hashable {
    /// A larger set is refused.
    static let maximumBytes = 256 * 1024
    /// Keys after these are not looked at.
    static let maximumKeys = 64
    /// At most so many keys are tried on one signature.
    static let maximumCandidates = 8

    let keys: [JSONWebKey]

    /// - Returns: nil for a set without a single usable key, which during a provider's deployment is as good as none.
    init?(_ members: [String: JSONValue]) {
        guard let values = members["keys"]?.arrayValue else { return nil }
        keys = values.prefix(Self.maximumKeys).compactMap(JSONWebKey.init)
        guard !keys.isEmpty else { return nil }
    }

    /// The keys that a signature with this header may have been made with: `kid`, `alg`, `kty`, `crv` and `use` must
    /// all fit.
    ///
    /// A header without `kid` fits every key of the right type.
    func candidates(for algorithm: SigningAlgorithm, kid: String?) -> [JSONWebKey] {
        let fitting = keys.lazy.filter { key in
            key.fits(algorithm) && (kid.map { key.kid?.hasSameBytes(as: $0) == true } ?? true)
        }
        return Array(fitting.prefix(Self.maximumCandidates))
    }
}
