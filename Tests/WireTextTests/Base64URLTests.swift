import Foundation
import Testing
import WireText

@Suite("Base64url")
struct Base64URLTests {
    private static func expected(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    @Test("Bytes of every length are written as Foundation writes them, and read back", arguments: 0..<70)
    func roundTrip(count: Int) throws {
        for _ in 0..<20 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max) }
            let text = Base64URL.encode(bytes)
            #expect(text == Self.expected(bytes))
            #expect(Base64URL.decode(text.utf8) == bytes)
            // From storage that isn't contiguous, too.
            #expect(Base64URL.encode(bytes.lazy.map { $0 }) == text)
            #expect(Base64URL.decode(Array(text.utf8).lazy.map { $0 }) == bytes)
        }
    }

    @Test("What no bytes are written as is refused: foreign characters, padding, lengths, trailing bits")
    func refuses() {
        let foreign = (UInt8.min ... .max).filter { Base64URL.value(of: $0) == nil }
        #expect(foreign.count == 192)
        for position in 0..<7 {
            for byte in foreign {
                var text = Array("QUJDREU".utf8)
                text[position] = byte
                #expect(Base64URL.decode(text) == nil)
            }
        }
        for text in ["Q", "QUJDR", "QQ==", "QUI=", "QR", "Qf", "QUJ", "QU J", "QUJDQR"] {
            #expect(Base64URL.decode(text.utf8) == nil, "\(text)")
        }
        #expect(Base64URL.decode("QQ".utf8) == [0x41])
    }
}
