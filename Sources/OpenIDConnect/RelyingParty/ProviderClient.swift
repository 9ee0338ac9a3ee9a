/// Sends requests within the configured bounds and turns transport failures into ``OpenIDConnectError``.
struct ProviderClient: Sendable {
    let configuration: ProviderConfiguration
    let transport: any HTTPTransport

    /// - Throws: `CancellationError`, or ``OpenIDConnectError/Code/providerUnavailable``.
    func send(_ request: HTTPTransportRequest, naming endpoint: String) async throws -> HTTPTransportResponse {
        var request = request
        request.timeout = configuration.options.requestTimeout
        do {
            let response = try await transport.send(request)
            guard response.body.count <= request.maximumResponseBytes else {
                throw HTTPTransportError(.responseTooLarge)
            }
            return response
        } catch let error as CancellationError {
            throw error
        } catch {
            let reason = (error as? HTTPTransportError)?.code.name ?? "failed"
            throw OpenIDConnectError(.providerUnavailable, "\(endpoint): \(reason)", underlying: error)
        }
    }
}
