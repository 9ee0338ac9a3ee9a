import Crypto
import Foundation
public import Secrets

/// The keys that seal what the database must not know: the first seals, all of them open.
///
/// Each secret gives one AES-256 key and one public key id, both by HKDF-SHA-256 (RFC 5869). To rotate, put a new
/// secret at the end and deploy it, so that all replicas open what it seals; put it in front and deploy again; run
/// `keys rotate`, and drop the old one.
public struct KeyRing: Sendable {
    struct Key: Sendable {
        let id: String
        let key: SymmetricKey

        init(secret: [UInt8]) {
            let material = SymmetricKey(data: secret)
            let salt = Array("oidc-sessions".utf8)
            key = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: material,
                salt: salt,
                info: Array("seal AES-256-GCM".utf8),
                outputByteCount: 32
            )
            let idKey = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: material,
                salt: salt,
                info: Array("key id".utf8),
                outputByteCount: 6
            )
            id = idKey.withUnsafeBytes { Base64URL.encode(Array($0)) }
        }
    }

    let keys: [Key]

    /// A ring of secrets of at least 32 bytes each; the first seals.
    /// - Throws: ``SessionError/Code/invalidInput`` for no secret, a short one, or one that is there twice.
    public init(secrets: [Secret<[UInt8]>]) throws(SessionError) {
        guard !secrets.isEmpty else { throw SessionError(.invalidInput, "a key ring needs at least one secret") }
        var keys: [Key] = []
        for secret in secrets {
            let bytes = secret.reveal()
            guard bytes.count >= 32 else {
                throw SessionError(.invalidInput, "a sealing secret must have at least 32 bytes")
            }
            let key = Key(secret: bytes)
            guard !keys.contains(where: { $0.id == key.id }) else {
                throw SessionError(.invalidInput, "a sealing secret is there twice")
            }
            keys.append(key)
        }
        self.keys = keys
    }

    /// The public id of the key that seals.
    public var sealingKeyID: String { keys[0].id }

    /// The public ids of all keys, the sealing one first.
    public var keyIDs: [String] { keys.map(\.id) }

    func key(id: some Collection<UInt8>) -> Key? {
        keys.first { $0.id.utf8.elementsEqual(id) }
    }
}

extension KeyRing: CustomStringConvertible, CustomReflectable {
    /// The key ids.
    public var description: String { "key ring \(keyIDs)" }

    /// A mirror without children, so that `dump` finds no key.
    public var customMirror: Mirror {
        Mirror(self, children: EmptyCollection<Mirror.Child>(), displayStyle: .struct)
    }
}
