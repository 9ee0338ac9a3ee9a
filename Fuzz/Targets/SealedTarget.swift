import Secrets

@testable import Sessions
@testable import WireText

extension FuzzTarget {
    /// `o` and a value as it might stand in a sealed column, or `s` and a text to be sealed.
    static let sealed = FuzzTarget(
        name: "sealed",
        maximumBytes: 8192,
        dictionary: ["os1.", "os2.", "s1.", ".", "AAAA", "\u{80}", "s"]
    ) { bytes in
        let input = FuzzInput(bytes)
        let ring = try KeyRing(secrets: [
            Secret([UInt8](repeating: 7, count: 32)), Secret([UInt8](repeating: 8, count: 32)),
        ])
        let row = String(repeating: "ab", count: 32)
        if input.kind == UInt8(ascii: "s") { return try checkSealing(input.text, ring, row) }
        var sealer = RowSealer(keyRing: ring, rowKey: row)
        let stored = Array(input.rest)
        // Under the first key as well, so that mutations get behind the key's id.
        for value in [stored, Array("s1.\(ring.sealingKeyID).".utf8) + stored] {
            guard let opened = try? sealer.openValue(value, column: .accessToken) else { continue }
            let isClear = Array(opened.reveal().utf8) == value && !value.starts(with: "s1.".utf8)
            try expect(isClear, "something opens that was not sealed")
        }
        try checkIdentifiers(input.text)
    }

    private static func checkSealing(_ text: String, _ ring: KeyRing, _ row: String) throws {
        var sealer = RowSealer(keyRing: ring, rowKey: row)
        for column in SealedColumn.allCases {
            let sealed = try sealer.sealValue(text, column: column)
            let opened = try sealer.openValue(sealed, column: column)
            try expect(opened.reveal().utf8.elementsEqual(text.utf8), "another text comes out")
            try expect(RowSealer.isSealed(sealed) && sealer.isCurrent(sealed), "what is sealed doesn't look so")
        }
        let sealed = Array(try sealer.sealValue(text, column: .accessToken).utf8)
        try expect((try? sealer.openValue(sealed, column: .refreshToken)) == nil, "it opens in another column")
        var other = RowSealer(keyRing: ring, rowKey: String(repeating: "cd", count: 32))
        try expect((try? other.openValue(sealed, column: .accessToken)) == nil, "it opens in another row")
        for index in [3, sealed.count / 2, sealed.count - 2] {
            var spoilt = sealed
            spoilt[index] ^= 1
            try expect((try? sealer.openValue(spoilt, column: .accessToken)) == nil, "a spoilt value opens")
        }
        try expect((try? sealer.openValue(Array(sealed.dropLast()), column: .accessToken)) == nil, "a cut one opens")
    }

    /// Ids, handles and cursors have one spelling.
    private static func checkIdentifiers(_ text: String) throws {
        if let id = SessionID(text) {
            try expect(id.value.reveal() == text && text.utf8.count == 43, "a session id of another form")
            try expect(
                Base64URL.decode(text.utf8).map { Base64URL.encode($0) } == text,
                "two spellings of one session id"
            )
            try expect(!"\(id)".contains(text) && !String(reflecting: id).contains(text), "a session id is shown")
        }
        if let handle = SessionHandle(text) { try expect(handle.rawValue == text && text.utf8.count == 32, "handle") }
        if let cursor = SessionPage.Cursor(text) {
            try expect(cursor.description == text, "two spellings of one cursor")
        }
        if let bytes = Base64URL.decode(text.utf8) {
            try expect(Base64URL.encode(bytes) == text, "two spellings of the same bytes")
        }
        let all = Array(text.utf8)
        try expect(Base64URL.decode(Base64URL.encode(all).utf8) == all, "other bytes after encoding")
    }
}
