import Foundation
import Secrets

@testable import OpenIDConnect
@testable import WireText

extension FuzzTarget {
    /// What a provider's endpoints answer: header fields, a letter and a value a line, an empty line, and the body.
    static let answers = FuzzTarget(
        name: "answers",
        maximumBytes: 65_536,
        dictionary: [
            "\nw", "DPoP error=\"use_dpop_nonce\"", "Bearer realm=\"", "Negotiate abc==", "\\\"", "\nn", "\nc",
            "max-age=",
            "no-store", "\nr", "\nt", "application/json", "\n\n{", "\"access_token\":\"a\"",
            "\"token_type\":\"Bearer\"",
            "\"expires_in\":", "\"id_token\":\"", "\"refresh_token\":\"", "\"scope\":\"", "\"error\":\"invalid_grant\"",
            "\"request_uri\":\"urn:x\"", "\"error_description\":\"",
        ]
    ) { bytes in
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let head = lines.prefix { !$0.isEmpty }
        let body = Array(lines.dropFirst(head.count + 1).joined(separator: [0x0A]))
        var fields: [(name: String, value: String)] = []
        for line in head.prefix(32) {
            let value = String(decoding: line.dropFirst(), as: UTF8.self)
            if let letter = line.first, let name = names[letter] { fields.append((name, value)) }
        }
        if !fields.contains(where: { $0.name == "Content-Type" }) {
            fields.append(("content-type", "application/json"))
        }
        for status in [200, 201, 400, 401, 503] {
            try check(HTTPTransportResponse(status: status, headers: fields, body: body))
        }
        try checkFields(HTTPTransportResponse(status: 401, headers: fields))
        try JSONCheck(body).run()
    }

    private static let names: [UInt8: String] = [
        UInt8(ascii: "w"): "WWW-Authenticate", UInt8(ascii: "n"): "DPoP-Nonce", UInt8(ascii: "c"): "Cache-Control",
        UInt8(ascii: "r"): "Retry-After", UInt8(ascii: "t"): "Content-Type",
    ]

    private static func check(_ answer: HTTPTransportResponse) throws {
        do {
            let tokens = try TokenResponse(answer, type: "Bearer")
            try expect(answer.status == 200, "tokens from an answer that is no success")
            for token in [tokens.accessToken, tokens.refreshToken, tokens.idToken].compactMap(\.self) {
                let text = token.reveal()
                try expect(!text.isEmpty && text.isPrintableASCII, "a token that can end a header line")
            }
            if let lifetime = tokens.lifetime {
                try expect((0...315_360_000).contains(lifetime), "an impossible lifetime")
            }
            try check(tokens, said: answer.body)
        } catch let error as OpenIDConnectError {
            try check(error)
        }
        do {
            let pushed = try PushedAuthorizationResponse(answer)
            try expect(answer.status == 201 && !pushed.requestURI.contains(" "), "a reference that is none")
        } catch let error as OpenIDConnectError {
            try check(error)
        }
        try check(EndpointRefusal.revocation.error(answer, members: answer.jsonObject()))
    }

    /// The tokens are those that Foundation's parser, which is another one, finds under these names.
    private static func check(_ tokens: TokenResponse, said body: [UInt8]) throws {
        // What it refuses and we take are numbers beyond its own: JSONCheck.
        guard let members = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else { return }
        func isSame(_ token: Secret<String>?, _ name: String) -> Bool {
            token?.reveal() == members[name] as? String && (token != nil || members[name].map { $0 is NSNull } ?? true)
        }
        try expect(isSame(tokens.accessToken, "access_token"), "another access token than the one that came")
        try expect(isSame(tokens.refreshToken, "refresh_token"), "another refresh token than the one that came")
        try expect(isSame(tokens.idToken, "id_token"), "another ID token than the one that came")
        try expect(members["error"].map { $0 is NSNull } ?? true, "tokens from a refusal")
        let isBearer = (members["token_type"] as? String)?.uppercased() == "BEARER"
        try expect(
            ((try? tokens.checkType()) != nil) == isBearer,
            "a type of token that we don't know, or not the one that we do"
        )
        let scopes = (members["scope"] as? String)?.split(separator: " ").map(String.init)
        try expect(tokens.scopes == scopes, "other scopes than those that came")
        guard let said = members["expires_in"] as? NSNumber else { return }
        let isKept = tokens.lifetime.map { $0 == min(said.doubleValue, 315_360_000) } ?? false
        try expect(isKept, "another lifetime than the one that came")
    }

    /// Whatever the provider wrote, what is said about it is short and of one line.
    private static func check(_ error: OpenIDConnectError) throws {
        try expect(error.description.utf8.count < 1000, "a provider's text makes the error long")
        try expect(error.description.isPrintableASCII, "a provider's text is in the error as it came")
        try expect(error.metricLabel.utf8.count < 64, "an unbounded label")
    }

    private static func checkFields(_ answer: HTTPTransportResponse) throws {
        let challenges = AuthenticationChallenge.list(in: answer)
        try checkAgain(challenges)
        for challenge in challenges {
            try expect(!challenge.scheme.isEmpty && challenge.scheme.isPrintableASCII, "a scheme that is none")
            for name in challenge.parameters.keys {
                try expect(name.isPrintableASCII && name == name.lowercased() && !name.isEmpty, "a name that is none")
            }
        }
        let nonces = DPoPNonces()
        let url = "https://id.example/token"
        let kept = nonces.keep(from: answer, to: url, as: .authorizationServer)
        try expect(nonces.nonce(for: url, as: .authorizationServer) == kept, "another nonce than the one that came")
        try expect(nonces.nonce(for: url, as: .resourceServer) == nil, "a nonce of another server")
        if let kept {
            try expect(
                answer.headers.count { $0.name == "DPoP-Nonce" && $0.value == kept } == 1,
                "one of several nonces"
            )
            try expect(kept.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }, "NQCHAR")
        }
        if let age = answer.maximumAge { try expect(age >= .zero, "a negative age") }
        let pauses = answer.headers.filter { $0.name == "Retry-After" }.map(\.value)
        if let pause = answer.retryAfter {
            try expect(pause >= .zero && pause <= .seconds(3600), "a pause beyond an hour")
            try expect(!pauses.isEmpty, "a pause that nobody asked for")
        }
        if pauses.count == 1, pauses[0].utf8.count < 9, let seconds = UInt32(pauses[0]), !pauses[0].hasPrefix("+") {
            try expect(
                answer.retryAfter == .seconds(min(seconds, 3600)),
                "another pause than the one that was asked for"
            )
        }
        if let type = answer.mediaType { try expect(type == type.lowercased() && type.isPrintableASCII, "media type") }
    }

    /// Challenges are the same when they are written by RFC 9110 section 11.6.1 and read again.
    private static func checkAgain(_ challenges: [AuthenticationChallenge]) throws {
        let text = challenges.map { challenge in
            let parameters = challenge.parameters.map { name, value in
                name + "=\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
            }
            return challenge.scheme + " " + parameters.joined(separator: ", ")
        }.joined(separator: ", ")
        // Longer fields are not looked at.
        guard text.utf8.count <= 8192 else { return }
        let answer = HTTPTransportResponse(status: 401, headers: [("www-authenticate", text)])
        let again = AuthenticationChallenge.list(in: answer)
        try expect(
            again.map(\.scheme) == challenges.map(\.scheme) && again.map(\.parameters) == challenges.map(\.parameters),
            "other challenges when they are written and read again"
        )
    }
}
