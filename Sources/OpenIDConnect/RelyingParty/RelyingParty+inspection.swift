extension RelyingParty {
    /// Fetches the provider's keys, and answers for which of the algorithms that both sides accept there is one.
    ///
    /// - Throws: ``OpenIDConnectError``; `CancellationError`.
    package func usableAlgorithms() async throws -> (keys: Int, algorithms: [SigningAlgorithm]) {
        let metadata = try await metadata()
        let set = try await keys.current().value
        let usable = configuration.options.allowedAlgorithms.filter { algorithm in
            metadata.announces(algorithm) && !set.candidates(for: algorithm, kid: nil).isEmpty
        }
        return (set.keys.count, usable)
    }
}
