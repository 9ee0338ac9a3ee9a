import Synchronization

/// The latest nonce of each server that gave one.
///
/// A resource server's nonces are not an authorization server's, also where both share an origin (RFC 9449 sections 8
/// and 9).
final class DPoPNonces: Sendable {
    /// A longer one would outgrow what servers read of a header.
    private static let maximumBytes = 1024
    /// More than a provider has endpoints: then the metadata keeps changing, and we begin anew.
    private static let maximumServers = 16

    /// What an endpoint is to the client.
    enum Role {
        case authorizationServer
        case resourceServer
    }

    private struct Server: Hashable {
        let origin: String
        let role: Role

        init?(_ url: String, _ role: Role) {
            guard let origin = CheckedURL(url)?.origin else { return nil }
            self.origin = origin
            self.role = role
        }
    }

    private let nonces = Mutex<[Server: String]>([:])

    func nonce(for url: String, as role: Role) -> String? {
        guard let server = Server(url, role) else { return nil }
        return nonces.withLock { $0[server] }
    }

    /// Keeps the nonce that an answer brought, whatever else the answer says; the nonce, if there is one.
    @discardableResult
    func keep(from response: HTTPTransportResponse, to url: String, as role: Role) -> String? {
        let values = response.headers.filter { $0.name.hasSameASCIILetters(as: "DPoP-Nonce") }.map(\.value)
        guard values.count == 1, let nonce = values.first, Self.isNonce(nonce), let server = Server(url, role)
        else { return nil }
        nonces.withLock { nonces in
            if nonces[server] == nil, nonces.count >= Self.maximumServers { nonces = [:] }
            nonces[server] = nonce
        }
        return nonce
    }

    /// RFC 9449 section 8.1: 1*NQCHAR, which is visible ASCII without quote and backslash.
    private static func isNonce(_ text: String) -> Bool {
        (1...maximumBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}
