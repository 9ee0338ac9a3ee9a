import Secrets
import WireText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds out which client talks to the token endpoint (RFC 6749, section 2.3).
enum ClientAuthentication {
    /// The client, when it has proved itself in the one way that fits it.
    static func client(
        authorization: String?,
        form: FormParameters,
        of clients: [DevelopmentClient]
    ) throws(TokenRefusal) -> DevelopmentClient {
        let credentials = try credentials(authorization: authorization, form: form)
        guard let client = clients.first(where: { $0.id == credentials.id }) else {
            throw TokenRefusal(.invalidClient, "unknown client")
        }
        switch (client.secret, credentials.secret) {
        case (nil, nil): return client
        case (let expected?, let given?):
            guard RandomToken.digest(expected.reveal()) == RandomToken.digest(given) else { break }
            return client
        default: break
        }
        throw TokenRefusal(.invalidClient, "the client did not prove itself")
    }

    private static func credentials(
        authorization: String?,
        form: FormParameters
    ) throws(TokenRefusal) -> (id: String, secret: String?) {
        guard let authorization else {
            guard let id = form["client_id"] else {
                throw TokenRefusal(.invalidClient, "client_id is missing")
            }
            return (id, form["client_secret"])
        }
        // RFC 6749, section 2.3: no more than one method in a request.
        guard form["client_secret"] == nil else {
            throw TokenRefusal(.invalidRequest, "the client authenticates in two ways")
        }
        guard let (id, secret) = basic(authorization), form["client_id"].map({ $0 == id }) ?? true else {
            throw TokenRefusal(.invalidClient, "the Authorization header is not what was expected")
        }
        return (id, secret)
    }

    /// RFC 6749, section 2.3.1: both halves are form-encoded before they are put together.
    private static func basic(_ header: String) -> (id: String, secret: String)? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let data = Data(base64Encoded: String(parts[1])), let text = String(data: data, encoding: .utf8)
        else { return nil }
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let id = FormCoding.decode(halves[0].utf8),
            let secret = FormCoding.decode(halves[1].utf8)
        else { return nil }
        return (id, secret)
    }
}
