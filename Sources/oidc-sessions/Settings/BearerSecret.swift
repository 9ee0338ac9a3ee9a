import Secrets

/// One value of `ADMIN_TOKEN` or `CRON_SECRET`: a bearer token that we chose ourselves.
struct BearerSecret: Hashable {
    private let text: String

    init(_ text: some StringProtocol) {
        self.text = String(text)
    }

    var secret: Secret<String> { Secret(text) }

    /// Whether an `Authorization` header can carry it: `b64token` of RFC 6750 section 2.1.
    var isSendable: Bool {
        let body = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }
        return !body.isEmpty
            && body.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-._~+/".utf8.contains(byte)
            }
    }

    /// Whether it can be random: at least 32 characters, not a shorter text over and over, and not made of few.
    ///
    /// Of 32 random hexadecimal digits 14 are different on average, and fewer than 8 once in a million.
    var isStrong: Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 32, Set(bytes).count >= 8 else { return false }
        // A run such as `abcdefgh…` or `01234567…` is typed, not drawn.
        let steps = zip(bytes, bytes.dropFirst()).map { Int($1) - Int($0) }
        guard steps.count(where: { $0 == 1 }) < steps.count / 2 else { return false }
        return !(1...bytes.count / 2).contains { period in
            zip(bytes, bytes.dropFirst(period)).allSatisfy { $0 == $1 }
        }
    }
}
