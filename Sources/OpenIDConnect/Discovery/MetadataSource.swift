import Logging

/// The provider's metadata as it is now.
struct MetadataSource: Sendable {
    typealias Entry = CacheState<ProviderMetadata>.Entry

    /// A larger document is refused.
    static let maximumBytes = 256 * 1024

    let client: ProviderClient
    let cache: DocumentCache<ProviderMetadata>
    let logger: Logger

    private var issuer: String { client.configuration.issuer }

    /// The metadata, from the cache when it is fresh.
    func current() async throws -> Entry {
        try await cache.entry { try await reporting(fetch) }
    }

    /// Later metadata than that of this version; nil when there is none, or when it has been asked for just now.
    func newer(than version: Int) async throws -> Entry? {
        try await cache.entry(beyond: version) { try await reporting(fetch) }
    }

    /// Makes the next caller ask the provider again.
    func expire() async {
        await cache.expire()
    }

    /// Says in the log when a document was asked for and did not come: once for each attempt, by the client that made it.
    func reporting<Fetched>(_ fetch: () async throws -> Fetched) async throws -> Fetched {
        do {
            return try await fetch()
        } catch {
            logger.warning(
                "provider document not fetched",
                metadata: ["provider": "\(client.configuration.name)", "error": "\(error)"]
            )
            throw error
        }
    }

    /// Discovery section 4.1: one `/` at the end of the issuer is removed first.
    private var wellKnownURL: String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    private func fetch() async throws -> DocumentCache<ProviderMetadata>.Fetched {
        let request = HTTPTransportRequest(
            method: .get,
            url: wellKnownURL,
            headers: [("Accept", "application/json")],
            maximumResponseBytes: Self.maximumBytes
        )
        let response = try await client.send(request, naming: "discovery")
        guard response.status == 200 else {
            let isTransient = response.status == 429 || response.status >= 500
            throw OpenIDConnectError(
                isTransient ? .providerUnavailable : .metadataInvalid,
                "discovery: status \(response.status)"
            )
        }
        guard let members = response.jsonObject() else {
            throw OpenIDConnectError(.metadataInvalid, "discovery: not a JSON object of type application/json")
        }
        let metadata = try ProviderMetadata(members, issuer: issuer) { member in
            logger.warning(
                "provider metadata has an unusable member, which is ignored",
                metadata: ["provider": "\(client.configuration.name)", "member": "\(member)"]
            )
        }
        return (metadata, response.maximumAge)
    }
}
