import Secrets
import SessionServer

/// One value of `ADMIN_TOKEN` or `CRON_SECRET`: a bearer token that we chose ourselves.
struct BearerSecret: Hashable {
    private let text: String

    init(_ text: some StringProtocol) {
        self.text = String(text)
    }

    var secret: Secret<String> { Secret(text) }

    /// Whether an `Authorization` header can carry it: `b64token` of RFC 6750 section 2.1.
    var isSendable: Bool { BearerTokens.isToken(text[...].utf8) }

    /// Whether it can be random: at least ``BearerTokens/minimumLength`` characters, not a shorter text over and over, and not made of few.
    ///
    /// Of 32 random hexadecimal digits 14 are different on average, and fewer than 8 once in a million.
    var isStrong: Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= BearerTokens.minimumLength, Set(bytes).count >= 8 else { return false }
        // A run such as `abcdefgh…` or `01234567…` is typed, not drawn.
        let steps = zip(bytes, bytes.dropFirst()).map { Int($1) - Int($0) }
        guard steps.count(where: { $0 == 1 }) < steps.count / 2 else { return false }
        return !(1...bytes.count / 2).contains { period in
            zip(bytes, bytes.dropFirst(period)).allSatisfy { $0 == $1 }
        }
    }
}
