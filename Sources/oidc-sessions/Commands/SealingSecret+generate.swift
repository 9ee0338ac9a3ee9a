import Foundation
import Secrets
import Sessions

extension SealingSecret {
    /// A new secret: 32 bytes of the system's generator, in base64.
    static func generate() -> String {
        Data(randomBytes()).base64EncodedString()
    }

    fileprivate static func randomBytes() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in generator.next() }
    }
}

extension KeyRing {
    /// A ring for commands that neither seal nor open: cleaning doesn't need the secret, so it needn't be given it.
    static func throwaway() throws -> KeyRing {
        try KeyRing(secrets: [Secret(SealingSecret.randomBytes())])
    }
}
