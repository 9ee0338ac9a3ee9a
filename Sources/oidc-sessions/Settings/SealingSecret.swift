import Foundation
import Secrets

/// The bytes of one `SESSION_SECRET`, and whether they can be random.
struct SealingSecret {
    let bytes: Secret<[UInt8]>

    /// Decodes base64 or base64url, padded or not; nil for anything else.
    init?(base64 text: String) {
        var standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while standard.hasSuffix("=") { standard.removeLast() }
        standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard !text.isEmpty, let data = Data(base64Encoded: standard) else { return nil }
        bytes = Secret(Array(data))
    }

    /// At least 32 bytes, and neither repeated nor typed: 32 random bytes have 30 different values on average, fewer
    /// than 16 once in 10^15; bytes that are all printable ASCII come from a keyboard, not from a generator.
    var isStrong: Bool {
        let bytes = bytes.reveal()
        return bytes.count >= 32 && Set(bytes).count >= 16 && !bytes.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
