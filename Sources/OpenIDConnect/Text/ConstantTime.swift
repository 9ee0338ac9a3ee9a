import Crypto

/// Comparison of secrets.
enum ConstantTime {
    /// Compares by SHA-256, whose `==` takes the same time wherever the difference is (swift-crypto's `safeCompare`),
    /// and which hides the length as well.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        SHA256.hash(data: Array(left.utf8)) == SHA256.hash(data: Array(right.utf8))
    }
}
