import Synchronization

/// The latest nonce of each server that gave one (RFC 9449 sections 8 and 9); servers are told apart by their origin.
final class DPoPNonces: Sendable {
    /// A longer one would outgrow what servers read of a header.
    private static let maximumBytes = 1024
    /// More origins than a provider has endpoints: then the metadata keeps changing, and we begin anew.
    private static let maximumOrigins = 16

    private let nonces = Mutex<[String: String]>([:])

    func nonce(for url: String) -> String? {
        guard let origin = CheckedURL(url)?.origin else { return nil }
        return nonces.withLock { $0[origin] }
    }

    /// Keeps the nonce that an answer brought, whatever else the answer says; the nonce, if there is one.
    @discardableResult
    func keep(from response: HTTPTransportResponse, to url: String) -> String? {
        let values = response.headers.filter { $0.name.hasSameASCIILetters(as: "DPoP-Nonce") }.map(\.value)
        guard values.count == 1, let nonce = values.first, Self.isNonce(nonce), let origin = CheckedURL(url)?.origin
        else { return nil }
        nonces.withLock { nonces in
            if nonces[origin] == nil, nonces.count >= Self.maximumOrigins { nonces = [:] }
            nonces[origin] = nonce
        }
        return nonce
    }

    /// RFC 9449 section 8.1: 1*NQCHAR, which is visible ASCII without quote and backslash.
    private static func isNonce(_ text: String) -> Bool {
        (1...maximumBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}
