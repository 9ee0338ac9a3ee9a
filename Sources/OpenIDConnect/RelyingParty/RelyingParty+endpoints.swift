extension RelyingParty {
    /// - Parameter proving: whether the endpoint is one that DPoP speaks of; without a key it makes no difference.
    func endpointClient(_ metadata: ProviderMetadata, proving: Bool = true) -> EndpointClient {
        EndpointClient(
            client: ProvingClient(client: client, prover: proving ? prover : nil),
            authentication: ClientAuthentication(configuration: configuration, metadata: metadata, clock: clock)
        )
    }
}
