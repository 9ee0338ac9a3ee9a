import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Form of the ID token")
struct TokenFormTests {
    @Test("What is not a plain JWS is refused", arguments: formsCases)
    func forms(_ refusal: Refusal) async throws {
        try await refusal.check()
    }

    static let formsCases: [Refusal] = [
        Refusal("ID-08 PT-04 crit with an unknown member", .idTokenHeader("crit", ["exp"]), gives: .idTokenMalformed),
        Refusal("ID-08 crit that is empty", .idTokenHeader("crit", []), gives: .idTokenMalformed),
        Refusal(
            "ID-08 crit with b64",
            .idTokenHeader("crit", ["b64"]),
            .idTokenHeader("b64", false),
            gives: .idTokenMalformed
        ),
        Refusal("ID-09 kid is a path", .idTokenHeader("kid", "../../etc/passwd"), gives: .idTokenKeyNotFound),
        Refusal("ID-09 kid is SQL", .idTokenHeader("kid", "' OR 1=1 --"), gives: .idTokenKeyNotFound),
        Refusal("ID-09 kid is empty", .idTokenHeader("kid", ""), gives: .idTokenKeyNotFound),
        Refusal("ID-09 kid is a number", .idTokenHeader("kid", 1), gives: .idTokenMalformed),
        Refusal(
            "ID-09 kid is long",
            .idTokenHeader("kid", .string(String(repeating: "k", count: 257))),
            gives: .idTokenMalformed
        ),
        Refusal(
            "ID-09 kid of a megabyte",
            .idTokenHeader("kid", .string(String(repeating: "k", count: 1 << 20))),
            gives: .providerUnavailable
        ),
        Refusal("ID-20 typ is a number", .idTokenHeader("typ", 1), gives: .idTokenMalformed),
        Refusal("ID-27 PD-12 five parts are a JWE", .idTokenReplaced("e30.e30.e30.e30.e30"), gives: .idTokenMalformed),
        Refusal("ID-27 two parts", .idTokenReplaced("e30.e30"), gives: .idTokenMalformed),
        Refusal("ID-27 four parts", .idTokenReplaced("e30.e30.e30.e30"), gives: .idTokenMalformed),
        Refusal(
            "ID-27 sixty thousand dots",
            .idTokenReplaced(String(repeating: ".", count: 60_000)),
            gives: .idTokenMalformed
        ),
        Refusal(
            "ID-27 more dots than a token may have characters",
            .idTokenReplaced(String(repeating: ".", count: 200_000)),
            gives: .tokenResponseInvalid
        ),
        Refusal(
            "ID-27 a segment larger than an answer may be",
            .idTokenReplaced("e30." + String(repeating: "A", count: 1 << 20) + ".e30"),
            gives: .providerUnavailable
        ),
        Refusal("ID-27 padding", .idTokenReplaced("e30=.e30=.e30="), gives: .idTokenMalformed),
        Refusal("ID-27 base64 of the other alphabet", .idTokenReplaced("e30.++//.e30"), gives: .idTokenAlgorithm),
        Refusal("ID-27 header is no object", .idTokenReplaced("W10.e30.AA"), gives: .idTokenMalformed),
        Refusal("ID-27 header is no JSON", .idTokenReplaced("AAAA.e30.AA"), gives: .idTokenMalformed),
    ]

    @Test("Claims that two readers could read differently are refused", arguments: payloadsCases)
    func payloads(_ payload: Payload) async throws {
        try await Refusal("", .idTokenPayload(payload.bytes), gives: .idTokenMalformed).check()
    }

    struct Payload: CustomTestStringConvertible, Sendable {
        let name: String
        let bytes: [UInt8]

        init(_ name: String, _ text: String) {
            self.init(name, Array(text.utf8))
        }

        init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }

        var testDescription: String { name }
    }

    static let payloadsCases = [
        Payload("ID-21 sub twice", #"{"sub":"alice-1","sub":"mallory-1"}"#),
        Payload("ID-21 sub twice, once escaped", #"{"sub":"alice-1","s\u0075b":"mallory-1"}"#),
        Payload("ID-21 a member twice further down", #"{"a":{"b":1,"b":2}}"#),
        Payload("ID-21 a list", "[]"),
        Payload("ID-21 a string", #""sub""#),
        Payload("ID-21 two values", "{}{}"),
        Payload("ID-21 a byte order mark", [0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
        Payload("ID-21 no UTF-8", Array(#"{"sub":""#.utf8) + [0xFF] + Array(#""}"#.utf8)),
        Payload("ID-21 half a surrogate pair", #"{"sub":"\ud800"}"#),
        Payload("ID-21 NUL", #"{"name":"a\u0000b"}"#),
        Payload("ID-21 10,000 levels", String(repeating: "[", count: 10_000)),
        Payload("ID-21 a trailing comma", #"{"sub":"alice-1",}"#),
        Payload("ID-21 nothing", ""),
    ]
}
