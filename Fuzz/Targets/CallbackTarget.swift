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
        }
        let known = members(response).map { ($0.name, $0.value) }
        let again = try? CallbackParameters(formBody: Array(FormCoding.encode(known).utf8))
        try expect(isSame(response, again), "parameters are lost when they are written and read again")
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
