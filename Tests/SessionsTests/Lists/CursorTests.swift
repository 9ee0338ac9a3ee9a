import Foundation
import Testing

@testable import Sessions

@Suite("Cursors of lists")
struct CursorTests {
    @Test(
        "a cursor survives the way through a URL",
        arguments: [0, 1, -1, 829_000_000_123_456, -211_813_488_000_000_000, 9_223_371_331_199_999_999]
    )
    func roundTrip(createdAt: Int64) throws {
        let cursor = SessionPage.Cursor(createdAt: createdAt, handle: SessionID().handle)
        let text = cursor.description
        #expect(text.utf8.allSatisfy { "-_".utf8.contains($0) || (0x30...0x7A).contains($0) })
        #expect(SessionPage.Cursor(text) == cursor)
    }

    private static let valid = SessionPage.Cursor(createdAt: 7, handle: SessionID().handle).description

    private static let malformed: [String] = [
        "", " ", "0", "null", valid + "A", valid + "=", "=" + valid, valid + "\0", " " + valid,
        String(valid.dropLast()),
        String(valid.dropFirst()), valid + valid, "B" + valid.dropFirst(), "é" + valid.dropFirst(),
        String(repeating: "A", count: 34), String(repeating: "A", count: 1 << 20), "' OR 1=1 --",
        // Another last character for the same bytes.
        valid.dropLast() + String(valid.utf8.suffix(1).map { Character(Unicode.Scalar($0 + 1)) }),
        // The right form with moments that Postgres doesn't have.
        SessionPage.Cursor(createdAt: .min, handle: SessionID().handle).description,
        SessionPage.Cursor(createdAt: .max, handle: SessionID().handle).description,
        SessionPage.Cursor(createdAt: 9_223_371_331_200_000_000, handle: SessionID().handle).description,
    ]

    @Test("AD-06 whatever isn't exactly a cursor is none", arguments: malformed.indices)
    func refuses(_ index: Int) {
        #expect(SessionPage.Cursor(Self.malformed[index]) == nil)
    }

    @Test("AD-06 a cursor gives away no more of the id than the handle in the list does")
    func noDigest() throws {
        let id = SessionID()
        let text = SessionPage.Cursor(createdAt: 7, handle: id.handle).description
        let bytes = try #require(Base64URL.decode(text.utf8))
        let hexadecimal = Hexadecimal.encode(bytes)
        #expect(hexadecimal.hasSuffix(id.handle.rawValue))
        #expect(!hexadecimal.contains(id.rowKey.suffix(32)))
        #expect(bytes.count == 25)
    }
}
