import Crypto

/// What is stored of a `state`: comparing digests in the database's index leaks nothing about the value.
enum StateDigest {
    static func of(_ state: String) -> String {
        Hexadecimal.encode(SHA256.hash(data: Array(state.utf8)))
    }
}
