/// The public name of a session: half of its digest, 32 lower-case hexadecimal characters.
///
/// Lists, logs, audit rows and URLs carry handles. A handle can't be turned back into the id, and presenting one as
/// a cookie finds nothing.
public struct SessionHandle: Sendable, Hashable, CustomStringConvertible {
    /// The 32 characters.
    public let rawValue: String

    init(rowKey: String) {
        self.rawValue = String(rowKey.prefix(32))
    }

    /// A handle from a URL or a command line, or nil when it isn't 32 lower-case hexadecimal characters.
    public init?(_ rawValue: String) {
        let bytes = rawValue.utf8
        guard bytes.count == 32, bytes.allSatisfy(Hexadecimal.isDigit) else { return nil }
        self.rawValue = rawValue
    }

    /// The 32 characters.
    public var description: String { rawValue }
}
