extension SessionPage.Cursor: LosslessStringConvertible {
    /// Told apart from whatever a later version writes.
    private static let form: UInt8 = 1
    private static let byteCount = 1 + 8 + 16

    /// What Postgres takes for a `timestamptz`: 4714 BC to 294276 AD, without the infinities.
    private static let timestamps: Range<Int64> = -211_813_488_000_000_000..<9_223_371_331_200_000_000

    /// A cursor from its text, or nil for anything that isn't exactly such a text.
    public init?(_ description: String) {
        guard let bytes = Base64URL.decode(description.utf8), bytes.count == Self.byteCount, bytes[0] == Self.form
        else { return nil }
        let createdAt = Int64(bitPattern: bytes[1..<9].reduce(0) { $0 << 8 | UInt64($1) })
        guard Self.timestamps.contains(createdAt), let handle = SessionHandle(Hexadecimal.encode(bytes[9...]))
        else { return nil }
        self.init(createdAt: createdAt, handle: handle)
    }

    /// The text: base64url without padding.
    public var description: String {
        let digits = Array(handle.rawValue)
        let half = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        let moment = (0..<8).map { UInt8(truncatingIfNeeded: createdAt >> (56 - 8 * $0)) }
        return Base64URL.encode([Self.form] + moment + half)
    }
}
