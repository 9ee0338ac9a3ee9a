import Secrets
import Sessions

/// A secret that is different for each word.
func secret(_ word: String) -> Secret<[UInt8]> {
    Secret(Array((word + String(repeating: "-", count: 32)).utf8))
}

func makeRing(_ words: String...) throws -> KeyRing {
    try KeyRing(secrets: words.map(secret))
}
