import Testing

@testable import WireText

@Suite("Form coding")
struct FormCodingTests {
    @Test(
        "What is well formed is decoded",
        arguments: [("", ""), ("a+b", "a b"), ("%41%7a%2F", "Az/"), ("%C3%A9", "é"), ("%2B", "+"), ("a=b&c", "a=b&c")]
    )
    func decodes(encoded: String, text: String) {
        #expect(FormCoding.decode(encoded.utf8) == text)
    }

    @Test("What is not well formed is refused", arguments: ["%", "%4", "%zz", "%+1", "%4g", "%FF", "%C3", "%ED%A0%80"])
    func refuses(encoded: String) {
        #expect(FormCoding.decode(encoded.utf8) == nil)
    }

    @Test("Everything but unreserved characters is encoded, and comes back", arguments: ["a b+/é&=%\n\u{0}~-._Z9"])
    func roundTrip(text: String) {
        let encoded = FormCoding.encode(text)
        #expect(encoded == "a%20b%2B%2F%C3%A9%26%3D%25%0A%00~-._Z9")
        #expect(FormCoding.decode(encoded.utf8) == text)
        #expect(FormCoding.encode("/a b", keepsSlash: true) == "/a%20b")
    }
}
