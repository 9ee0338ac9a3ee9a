extension ProviderMetadata {
    /// Whether the provider says that it signs ID tokens so, under either name of the algorithm.
    func announces(_ algorithm: SigningAlgorithm) -> Bool {
        idTokenSigningAlgorithms.contains { SigningAlgorithm(name: $0)?.canonical == algorithm.canonical }
    }
}
