import Foundation
import Secrets

@testable import OpenIDConnect
@testable import WireText

extension FuzzTarget {
    /// The authorization response, in a query and in a form.
    static let callback = FuzzTarget(
        name: "callback",
        maximumBytes: 40_000,
        dictionary: ["code=", "state=", "iss=", "error=", "error_description=", "error_uri=", "&", "+", "%00", "%2B"]
    ) { bytes in
        let form = Result { try CallbackParameters(formBody: bytes) }
        if let text = String(validating: bytes, as: UTF8.self) {
            let query = Result { try CallbackParameters(query: text) }
            try expect(isSame(try? form.get(), try? query.get()), "query and form are read differently")
        }
        guard let response = try? form.get() else { return }
        try check(response)
        if response.problem != nil {
            try expect(members(response).map(\.name) == ["state"], "more than the state is read")
            let states = bytes.split(separator: UInt8(ascii: "&")).filter { pair in
                let name = FormCoding.decode(pair.prefix { $0 != UInt8(ascii: "=") })
                return name?.utf8.elementsEqual("state".utf8) == true
            }
            try expect(states.count == 1, "a state is read that isn't there once")
        } else {
            try check(response, said: bytes)
        }
        let known = members(response).map { ($0.name, $0.value) }
        let again = try? CallbackParameters(formBody: Array(FormCoding.encode(known).utf8))
        try expect(isSame(response, again), "parameters are lost when they are written and read again")
    }

    /// Each parameter stands there once (RFC 6749 section 3.1), with the value that Foundation, too, reads there.
    private static func check(_ response: CallbackParameters, said bytes: [UInt8]) throws {
        // By bytes: a name is a stranger's, and hashing one of combining marks takes long.
        var values: [[UInt8]: [String?]] = [:]
        for piece in bytes.split(separator: UInt8(ascii: "&")) {
            let halves = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let texts = halves.map { escaped($0).removingPercentEncoding }
            guard let name = texts[0] else { throw Violation(description: "a name that Foundation can't decode") }
            values[Array(name.utf8), default: []].append(texts.count == 2 ? texts[1] : "")
        }
        for (name, value) in members(response) {
            try expect(
                values[Array(name.utf8)] == [value],
                "another \(name) than the one that stands there, or one of several"
            )
        }
        let names = ["code", "state", "iss", "error", "error_description", "error_uri"]
        for name in names where !members(response).contains(where: { $0.name == name }) {
            try expect(
                (values[Array(name.utf8)] ?? []).count <= (name == "error_uri" ? 1 : 0),
                "\(name) is overlooked, or there twice"
            )
        }
    }

    /// In ASCII: a character may stand there half as it is and half percent-encoded.
    private static func escaped(_ bytes: ArraySlice<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "+"): text += " "
            case 0x80...: text += "%" + String(byte, radix: 16)
            default: text.unicodeScalars.append(UnicodeScalar(byte))
            }
        }
        return text
    }

    private static func check(_ response: CallbackParameters) throws {
        if let code = response.code?.reveal() {
            try expect((1...4096).contains(code.utf8.count) && code.isPrintableASCII, "an impossible code")
        }
        for (name, value) in members(response) {
            try expect(value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a control character in \(name)")
        }
        let expected = ExpectedCallback(
            state: Secret("expected"),
            issuer: "https://id.example",
            redirectURI: "https://app.example/callback"
        )
        let validated = try? ValidatedCallback.validate(
            response,
            expecting: expected,
            promisesIssuer: true,
            responseMode: .formPost
        )
        if validated != nil {
            try expect(response.problem == nil, "an unreadable answer was taken")
            try expect(response.state?.reveal() == "expected", "an answer to another login was taken")
            try expect(response.issuer == expected.issuer && response.error == nil, "another issuer's answer was taken")
        }
        if let error = response.error {
            try expect(
                ProviderErrorText.code(error).utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) },
                "code"
            )
        }
        if let text = response.errorDescription {
            let shown = ProviderErrorText.description(text)
            try expect(shown.utf8.count <= 200 && shown.isPrintableASCII, "a stranger's text is shown as it came")
        }
    }

    private static func members(_ response: CallbackParameters) -> [(name: String, value: String)] {
        [
            ("code", response.code?.reveal()), ("state", response.state?.reveal()), ("iss", response.issuer),
            ("error", response.error), ("error_description", response.errorDescription),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    private static func isSame(_ left: CallbackParameters?, _ right: CallbackParameters?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        let (one, other) = (members(left), members(right))
        return one.map(\.name) == other.map(\.name)
            && zip(one, other).allSatisfy { $0.value.utf8.elementsEqual($1.value.utf8) }
    }
}
