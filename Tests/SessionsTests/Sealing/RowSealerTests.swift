import Secrets
import Testing

@testable import Sessions

@Suite("Sealing")
struct RowSealerTests {
    private let rowKey = String(repeating: "0123456789abcdef", count: 4)
    private let ring: KeyRing

    init() throws {
        ring = try makeRing("a")
    }

    @Test(
        "what is sealed opens again",
        arguments: ["", "x", "\u{80}", "é\u{80}\u{0}", String(repeating: "t", count: 5000)]
    )
    func roundTrip(_ text: String) throws {
        var sealer = RowSealer(keyRing: ring, rowKey: rowKey)
        for column in SealedColumn.allCases {
            let sealed = try sealer.sealValue(text, column: column)
            #expect(try sealer.openValue(sealed, column: column).reveal() == text)
            #expect(text.count < 4 || !sealed.contains(text))
            #expect(try sealer.sealValue(text, column: column) != sealed, "the same value never looks the same")
        }
    }

    @Test("RF-10 a value that was moved to another column doesn't open")
    func column() throws {
        var sealer = RowSealer(keyRing: ring, rowKey: rowKey)
        let sealed = try sealer.sealValue("token", column: .refreshToken)
        expectCorrupted(sealed, .accessToken, by: sealer)
    }

    @Test("RF-10 a value that was moved to another row doesn't open")
    func row() throws {
        var sealer = RowSealer(keyRing: ring, rowKey: rowKey)
        let sealed = try sealer.sealValue("token", column: .accessToken)
        expectCorrupted(sealed, .accessToken, by: RowSealer(keyRing: ring, rowKey: String(rowKey.reversed())))
    }

    @Test("a value under a key that isn't in the ring doesn't open, and one whose key id was rewritten neither")
    func foreignKey() throws {
        let foreign = try makeRing("b")
        var sealer = RowSealer(keyRing: foreign, rowKey: rowKey)
        let sealed = try sealer.sealValue("token", column: .accessToken)
        let renamed = sealed.replacing(foreign.sealingKeyID, with: ring.sealingKeyID)
        #expect(renamed != sealed)
        for value in [sealed, renamed] {
            expectCorrupted(value, .accessToken, by: RowSealer(keyRing: ring, rowKey: rowKey))
        }
    }

    @Test("a value that was cut or changed anywhere doesn't open")
    func damage() throws {
        var sealer = RowSealer(keyRing: ring, rowKey: rowKey)
        let sealed = try sealer.sealValue("token", column: .nonce)
        let characters = Array(sealed)
        for index in characters.indices.dropFirst(3) {
            var changed = characters
            changed[index] = changed[index] == "A" ? "B" : "A"
            for value in [String(changed), String(characters[..<index])] {
                expectCorrupted(value, .nonce, by: sealer)
            }
        }
        for value in ["s1.", "s1..", "s1.a.b.c", sealed + "A", sealed + "."] {
            expectCorrupted(value, .nonce, by: sealer)
        }
    }

    @Test("what isn't sealed is clear text of the documented system")
    func clearText() throws {
        var sealer = RowSealer(keyRing: ring, rowKey: rowKey)
        #expect(try sealer.openValue("eyJhbGciOi.J9.x", column: .accessToken).reveal() == "eyJhbGciOi.J9.x")
        #expect(!sealer.isCurrent("eyJhbGciOi.J9.x"))
    }

    @Test("SS-15 what another version sealed is neither opened nor taken for clear text")
    func otherVersions() throws {
        var sealer = RowSealer(keyRing: ring, rowKey: rowKey)
        let sealed = try sealer.sealValue("token", column: .accessToken)
        for version in ["s2.", "s0.", "s12.", "s9999."] {
            expectCorrupted(version + sealed.dropFirst(3), .accessToken, by: sealer)
        }
        for clear in ["s.x", "s", "sa1.x", "S2.x", "2.x", "s1", "s12345.x"] {
            #expect(try sealer.openValue(clear, column: .accessToken).reveal() == clear)
        }
    }

    @Test("RC-14 the first key seals, every key opens")
    func rotation() throws {
        let old = try makeRing("old")
        let both = try makeRing("new", "old")
        var before = RowSealer(keyRing: old, rowKey: rowKey)
        let sealed = try before.sealValue("token", column: .idToken)
        var after = RowSealer(keyRing: both, rowKey: rowKey)
        #expect(try after.openValue(sealed, column: .idToken).reveal() == "token")
        #expect(!after.isCurrent(sealed))
        let resealed = try after.sealValue("token", column: .idToken)
        #expect(after.isCurrent(resealed))
        expectCorrupted(resealed, .idToken, by: before)
    }

    @Test("lengths tell little, and an access token alone makes the row too long to stay inline")
    func lengths() throws {
        var sealer = RowSealer(keyRing: ring, rowKey: rowKey)
        let short = try sealer.sealValue("x", column: .accessToken)
        let long = try sealer.sealValue(String(repeating: "x", count: 1500), column: .accessToken)
        #expect(short.count == long.count)
        #expect(short.count > 2048)
        let verifiers = try [43, 63].map {
            try sealer.sealValue(String(repeating: "v", count: $0), column: .codeVerifier)
        }
        #expect(verifiers[0].count == verifiers[1].count)
    }

    @Test("a ring needs secrets that are long enough and different, and prints none")
    func keyRing() throws {
        #expect(throws: SessionError.self) { try KeyRing(secrets: []) }
        #expect(throws: SessionError.self) { try KeyRing(secrets: [Secret([UInt8](repeating: 7, count: 31))]) }
        #expect(throws: SessionError.self) { try KeyRing(secrets: [secret("a"), secret("a")]) }
        let ring = try makeRing("a", "b")
        #expect(ring.keyIDs.count == 2 && ring.sealingKeyID == ring.keyIDs[0])
        var text = "\(ring)"
        dump(ring, to: &text)
        #expect(!text.contains("SymmetricKey"))
    }

    private func expectCorrupted(
        _ stored: String,
        _ column: SealedColumn,
        by sealer: RowSealer,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: SessionError.self, sourceLocation: sourceLocation) {
            var sealer = sealer
            _ = try sealer.openValue(stored, column: column)
        }
        #expect(error?.code == .corrupted, sourceLocation: sourceLocation)
    }
}
