extension SigningAlgorithm {
    /// `Ed25519` and `EdDSA` on that curve are one algorithm (RFC 9864).
    var canonical: SigningAlgorithm { self == .ed25519 ? .eddsa : self }

    /// The hash behind the algorithm, which `at_hash` uses as well (Core section 3.1.3.6).
    var hash: TokenHash {
        switch kind {
        case .rs256, .ps256, .es256: .sha256
        case .rs384, .ps384, .es384: .sha384
        case .rs512, .ps512, .es512: .sha512
        // Ed25519 hashes with SHA-512 (RFC 8032 section 5.1).
        case .eddsa, .ed25519: .sha512
        }
    }
}
