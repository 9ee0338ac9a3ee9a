/// The provider's keys as they are now, for one issuer.
struct ProviderKeys: Sendable {
    typealias Entry = CacheState<JSONWebKeySet>.Entry

    let client: ProviderClient
    let metadata: MetadataSource
    let cache: DocumentCache<JSONWebKeySet>

    /// The keys, from the cache when they are fresh.
    func current() async throws -> Entry {
        try await cache.entry { try await metadata.reporting(fetch) }
    }

    /// Later keys than those of this version; nil when there are none, or when they have been asked for just now.
    func newer(than version: Int) async throws -> Entry? {
        try await cache.entry(beyond: version) { try await metadata.reporting(fetch) }
    }

    private func fetch() async throws -> DocumentCache<JSONWebKeySet>.Fetched {
        let uri = try await metadata.current().value.jwksURI
        var response = try await get(uri)
        if response.status == 404 || response.status == 410 {
            // The provider may have moved its keys; only its metadata can tell.
            await metadata.expire()
            let newURI = try await metadata.current().value.jwksURI
            if newURI != uri { response = try await get(newURI) }
        }
        guard response.status == 200 else {
            throw OpenIDConnectError(.providerUnavailable, "jwks: status \(response.status)")
        }
        let members = response.jsonObject(also: "application/jwk-set+json", limits: .foreignList)
        guard let keys = members.flatMap(JSONWebKeySet.init) else {
            throw OpenIDConnectError(.providerUnavailable, "jwks: no usable keys in the answer")
        }
        return (keys, response.maximumAge)
    }

    private func get(_ uri: String) async throws -> HTTPTransportResponse {
        let request = HTTPTransportRequest(
            method: .get,
            url: uri,
            headers: [("Accept", "application/json, application/jwk-set+json")],
            maximumResponseBytes: JSONWebKeySet.maximumBytes
        )
        return try await client.send(request, naming: "jwks")
    }
}
