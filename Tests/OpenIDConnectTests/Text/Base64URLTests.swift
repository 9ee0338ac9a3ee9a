import Foundation
import Testing

@testable import OpenIDConnect

@Suite("Base64url")
struct Base64URLTests {
    @Test("Every length is written as Foundation writes it, and read back")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let expected = Data(bytes).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            let text = OpenIDConnect.Base64URL.encode(bytes)
            #expect(text == expected)
            #expect(OpenIDConnect.Base64URL.decode(text.utf8) == bytes)
        }
    }

    @Test(
        "What has another spelling is refused",
        arguments: ["A", "AAAAA", "AB", "AAB", "AA=", "AA==", "A A", "AA\n", "A+", "A/", "é", "AAAA="]
    )
    func refuses(_ text: String) {
        #expect(OpenIDConnect.Base64URL.decode(text.utf8) == nil)
    }
}
