/// A system whose sessions can be taken over.
public struct SourceSystem: Sendable, Hashable, CaseIterable {
    private enum Value: String, CaseIterable {
        case documented
        case betterAuth = "better-auth"
        case userSession = "user-session"
        case authJS = "authjs"
    }

    private let value: Value

    /// The documented `sessions` table, under another name or in another schema or database: `id`, `sub`, `expires_at`.
    public static let documented = SourceSystem(value: .documented)

    /// Better Auth's `session`, and `account` beside it.
    public static let betterAuth = SourceSystem(value: .betterAuth)

    /// A Prisma model `UserSession` with `revokedAt`, whose ids travel in JSON Web Tokens.
    public static let userSession = SourceSystem(value: .userSession)

    /// Auth.js's (NextAuth's) `Session`, and `Account` beside it.
    public static let authJS = SourceSystem(value: .authJS)

    /// All of them.
    public static let allCases = Value.allCases.map { SourceSystem(value: $0) }

    /// The word for it on a command line.
    public var name: String { value.rawValue }

    private init(value: Value) {
        self.value = value
    }

    /// The system of a word.
    public init?(name: String) {
        guard let value = Value(rawValue: name) else { return nil }
        self.init(value: value)
    }
}
