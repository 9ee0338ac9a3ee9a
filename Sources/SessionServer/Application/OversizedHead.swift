import NIOHTTP1

/// What a head that is too large becomes before anything converts, splits or searches what it carries.
///
/// All of that costs several times what parsing does, and cookies of 64 KB come as often as somebody likes. What is left
/// finds the site, the language of the answer and the line in the log, beside a mark by which ``HeaderLimits`` refuses the
/// request: in its turn, and with a body read past, as any other. Whoever sends the mark is refused as well.
enum OversizedHead {
    static let mark: StaticString = "X-Oidc-Sessions-Oversized"
    static let maximumBytes = 32 * 1024
    static let maximumFields = 128

    private static let kept = [
        "Host", "X-Forwarded-Host", "Accept", "Connection", "Upgrade", "Expect", "Content-Length", "Transfer-Encoding",
    ]
    private static let maximumKeptBytes = 1024

    /// The head without its load; nil when it is none too large.
    static func reduced(_ head: HTTPRequestHead) -> HTTPRequestHead? {
        guard isTooLarge(head.headers) else { return nil }
        var fields = HTTPHeaders([("\(mark)", "?1")])
        for name in kept {
            // Two of a kind are refused or mistrusted: that has to stay visible, how many more there are hasn't.
            for value in head.headers[name].prefix(2) where value.utf8.count <= maximumKeptBytes {
                fields.add(name: name, value: value)
            }
        }
        var head = head
        head.headers = fields
        return head
    }

    private static func isTooLarge(_ fields: HTTPHeaders) -> Bool {
        guard fields.count <= maximumFields else { return true }
        return fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 } > maximumBytes
    }
}
