import Crypto
import Foundation
import Secrets

/// Seals and opens the values of one row: `s1.<key id>.<base64url of nonce, ciphertext and tag>`, AES-256-GCM.
///
/// Each row has a key of its own, expanded from the ring's key: random 96-bit nonces are safe for 2^32 messages under
/// one key (NIST SP 800-38D section 8.3), which a busy deployment would pass within months. Table, column and row are
/// associated data besides, so that a value that was copied elsewhere doesn't open.
struct RowSealer {
    private static let version = "s1."
    private static let versionBytes = Array(version.utf8)

    private let keyRing: KeyRing
    private let rowKey: String
    private var expanded: (id: String, key: SymmetricKey)?

    init(keyRing: KeyRing, rowKey: String) {
        self.keyRing = keyRing
        self.rowKey = rowKey
    }

    /// The key that it seals with.
    var sealingKeyID: String { keyRing.sealingKeyID }

    /// Whether a stored value is sealed at all; rows of the documented system hold clear text.
    static func isSealed(_ stored: String) -> Bool { stored.hasPrefix(version) }

    /// Whether a stored value is sealed with the key that seals now.
    func isCurrent(_ stored: String) -> Bool { stored.hasPrefix(Self.version + keyRing.sealingKeyID + ".") }

    mutating func sealValue(_ text: String, column: SealedColumn) throws(SessionError) -> String {
        let key = rowKey(of: keyRing.keys[0])
        do {
            let box = try AES.GCM.seal(Self.padded(text, column: column), using: key, authenticating: context(column))
            guard let combined = box.combined else { throw SessionError(.failed, "AES-GCM answered no combined form") }
            return Self.version + keyRing.sealingKeyID + "." + Base64URL.encode(Array(combined))
        } catch let error as SessionError {
            throw error
        } catch {
            throw SessionError(.failed, "a value of \(column.rawValue) can't be sealed", underlying: error)
        }
    }

    mutating func seal(_ secret: Secret<String>?, column: SealedColumn) throws(SessionError) -> String? {
        guard let secret else { return nil }
        return try sealValue(secret.reveal(), column: column)
    }

    /// The value; what isn't sealed is clear text of the documented system and is answered as it is.
    ///
    /// Takes bytes as they come from the database: a read opens three tokens, and making texts of what is only decoded
    /// costs about as much as decoding it.
    /// - Throws: ``SessionError/Code/corrupted`` when no key of the ring opens it, or it was made for another row or
    ///   column.
    mutating func openValue(_ stored: [UInt8], column: SealedColumn) throws(SessionError) -> Secret<String> {
        guard stored.starts(with: Self.versionBytes) else {
            // A replica of a newer program may share the table; what it sealed must not be sent out as a token.
            guard !Self.isVersioned(stored) else {
                throw SessionError(.corrupted, "a value of \(column.rawValue) is sealed in a form of another version")
            }
            guard let text = String(validating: stored, as: UTF8.self) else {
                throw SessionError(.corrupted, "a value of \(column.rawValue) is no text")
            }
            return Secret(text)
        }
        let keyed = stored[Self.versionBytes.count...]
        guard let dot = keyed.firstIndex(of: UInt8(ascii: ".")), let key = keyRing.key(id: keyed[..<dot]) else {
            throw SessionError(.corrupted, "a value of \(column.rawValue) is sealed with a key that isn't in the ring")
        }
        guard let combined = Base64URL.decode(keyed[(dot + 1)...]),
            let box = try? AES.GCM.SealedBox(combined: combined),
            let opened = try? AES.GCM.open(box, using: rowKey(of: key), authenticating: context(column)),
            let text = opened.withUnsafeBytes(Self.unpadded)
        else {
            throw SessionError(.corrupted, "a sealed value of \(column.rawValue) can't be opened")
        }
        return Secret(text)
    }

    /// Whether a value begins as sealed ones do, in whatever version: `s`, a number, a dot.
    private static func isVersioned(_ stored: [UInt8]) -> Bool {
        guard stored.first == UInt8(ascii: "s") else { return false }
        let digits = stored.dropFirst().prefix(4).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return !digits.isEmpty && stored[digits.endIndex...].first == UInt8(ascii: ".")
    }

    /// The same of a text.
    mutating func openValue(_ stored: String, column: SealedColumn) throws(SessionError) -> Secret<String> {
        try openValue(Array(stored.utf8), column: column)
    }

    /// The value of a text column; nil for NULL.
    mutating func open(_ stored: [UInt8]?, column: SealedColumn) throws(SessionError) -> Secret<String>? {
        guard let stored else { return nil }
        return try openValue(stored, column: column)
    }

    // ISO/IEC 7816-4: only zeros follow the mark, so that the last 0x80 is the mark whatever the text ends in.
    private static let paddingMark: UInt8 = 0x80

    private static func padded(_ text: String, column: SealedColumn) -> [UInt8] {
        var bytes = Array(text.utf8)
        bytes.append(paddingMark)
        let block = column.paddingBlock
        let count = max((bytes.count + block - 1) / block * block, column.minimumBytes)
        bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
        return bytes
    }

    private static func unpadded(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let end = bytes.lastIndex(of: paddingMark) else { return nil }
        return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<end]), as: UTF8.self)
    }

    private func context(_ column: SealedColumn) -> [UInt8] {
        Array("sessions|\(column.rawValue)|\(rowKey)".utf8)
    }

    private mutating func rowKey(of key: KeyRing.Key) -> SymmetricKey {
        if let expanded, expanded.id == key.id { return expanded.key }
        let rowKey = HKDF<SHA256>.expand(
            pseudoRandomKey: key.key,
            info: Array("row|\(self.rowKey)".utf8),
            outputByteCount: 32
        )
        expanded = (key.id, rowKey)
        return rowKey
    }
}
