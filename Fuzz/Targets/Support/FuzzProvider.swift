import Crypto
import Foundation
import Logging

@testable import OpenIDConnect
@testable import WireText

/// A provider of one key, whose userinfo is what the input says.
///
/// Its key is a number that everybody knows: it signs what the fuzzer thought of, so that mutations get behind the check
/// of the signature.
struct FuzzProvider: HTTPTransport {
    static let issuer = "https://id.example"
    static let clientID = "client"
    static let subject = "user"
    static let nonce = "n-0S6_WzA2Mj"
    /// 18 May 2033.
    static let now = 2_000_000_000.0

    private static let discovery = """
        {"issuer":"https://id.example","authorization_endpoint":"https://id.example/authorize",\
        "token_endpoint":"https://id.example/token","jwks_uri":"https://id.example/keys",\
        "userinfo_endpoint":"https://id.example/userinfo","id_token_signing_alg_values_supported":["EdDSA"]}
        """

    private let key: Curve25519.Signing.PrivateKey
    private let userInfo: HTTPTransportResponse

    init(userInfo: HTTPTransportResponse = HTTPTransportResponse(status: 404)) throws {
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 1, count: 32))
        self.userInfo = userInfo
    }

    func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
        switch request.url {
        case Self.issuer + "/keys": json(keySet)
        case Self.issuer + "/userinfo": userInfo
        default: json(Self.discovery)
        }
    }

    private func json(_ text: String) -> HTTPTransportResponse {
        HTTPTransportResponse(status: 200, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }

    private var keySet: String {
        let x = Base64URL.encode(Array(key.publicKey.rawRepresentation))
        return #"{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","kid":"k","x":""# + x + #""}]}"#
    }

    /// A token of this header and these claims, whatever they are, with a signature that is right.
    func sign(_ header: some Collection<UInt8>, _ claims: some Collection<UInt8>) throws -> String {
        let text = Base64URL.encode(Array(header)) + "." + Base64URL.encode(Array(claims))
        return text + "." + Base64URL.encode(Array(try key.signature(for: Array(text.utf8))))
    }

    /// Whether a token's last part is a signature over the others.
    func hasSigned(_ token: String) -> Bool {
        guard let dot = token.utf8.lastIndex(of: UInt8(ascii: ".")),
            let signature = Base64URL.decode(token.utf8[dot...].dropFirst())
        else { return false }
        return key.publicKey.isValidSignature(signature, for: Array(token.utf8[..<dot]))
    }

    /// This program as the provider's client.
    func client(_ options: ProviderConfiguration.Options = .init()) throws -> RelyingParty {
        let configuration = try ProviderConfiguration(
            name: "fuzz",
            issuer: Self.issuer,
            clientID: Self.clientID,
            clientSecret: nil,
            redirectURI: "https://app.example/callback",
            options: options
        )
        return RelyingParty(configuration: configuration, transport: self, clock: StoppedClock(), logger: Self.silence)
    }

    private static let silence = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
}

/// Every token of one input is judged at the same moment.
private struct StoppedClock: WallClock {
    func now() -> Date { Date(timeIntervalSince1970: FuzzProvider.now) }
    func uptime() -> Duration { .zero }
}
