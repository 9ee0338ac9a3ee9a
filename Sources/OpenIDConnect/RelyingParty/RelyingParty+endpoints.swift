extension RelyingParty {
    /// - Parameter proving: whether the endpoint is one that DPoP speaks of; without a key it makes no difference.
    /// - Throws: as ``checkKeys(_:proving:)``.
    func endpointClient(
        _ metadata: ProviderMetadata,
        proving: Bool = true
    ) throws(OpenIDConnectError) -> EndpointClient {
        try checkKeys(metadata, proving: proving)
        return EndpointClient(
            client: ProvingClient(client: client, prover: proving ? prover : nil),
            authentication: ClientAuthentication(configuration: configuration, metadata: metadata, clock: clock)
        )
    }
}
