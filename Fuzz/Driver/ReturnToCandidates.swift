import Foundation
import LoginFlow

/// Paths that an attacker might try, by the million, for the comparison with other parsers of URLs.
enum ReturnToCandidates {
    private static let pieces = [
        "/", "//", "\\", "/\\", "\\/", ".", "..", "%2e", "%2E", "%2f", "%5c", "%5C", "%00", "%09", "%0a", "%0d", "%20",
        "%25", "%25%32%66", "\t", "\n", "\r", " ", "\u{0}", "\u{B}", "\u{AD}", "\u{3002}", "\u{FF0F}", "\u{FF3C}",
        "\u{2044}",
        "?", "#", "@", ":", ";", "&", "=", "evil.example", "app.example", "localhost", "127.0.0.1", "[::1]", "https:",
        "http:", "javascript:alert(1)", "data:", "file:", "blob:", "login", "a", "A", "~", "-", "_", "*", "!", "'", "(",
        ")",
        "+", "$", ",", "|", "^", "`", "{", "}", "<", ">", "\"", "[", "]", "0", "%C3%A9", "é", "%80", "%zz", "%",
    ]

    /// Prints those that ``ReturnTo`` accepts, one a line, and how many there were to stderr.
    static func printAccepted(of count: Int, seed: UInt64) {
        var generator = SplitMix(state: seed)
        var accepted = 0
        var lines = ""
        for _ in 0..<count {
            // Most of what doesn't begin with a slash is refused for that alone.
            var candidate = Int.random(in: 0..<8, using: &generator) == 0 ? "" : "/"
            for _ in 0..<Int.random(in: 0..<7, using: &generator) {
                candidate += pieces.randomElement(using: &generator) ?? ""
            }
            guard let path = ReturnTo(candidate)?.path else { continue }
            accepted += 1
            lines += path + "\n"
            if lines.utf8.count > 1 << 16 { flush(&lines) }
        }
        flush(&lines)
        FileHandle.standardError.write(Data("\(count) candidates, \(accepted) accepted, seed \(seed)\n".utf8))
    }

    private static func flush(_ lines: inout String) {
        FileHandle.standardOutput.write(Data(lines.utf8))
        lines = ""
    }
}

/// Steele, Lea and Flood's SplitMix64: the same candidates for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
