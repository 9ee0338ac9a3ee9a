/// What an import did, or a dry run would have done; every row that was read is in one of the counts.
public struct ImportReport: Sendable, Hashable {
    /// Whether nothing was changed.
    public var isDryRun = false
    /// Rows in the source when the import began.
    public var total = 0
    /// Rows read so far.
    public var read = 0
    /// Sessions taken over.
    public var imported = 0
    /// Taken over by an earlier run, or there anyway.
    public var known = 0
    /// Over at the source, or by the lifetimes here.
    public var expired = 0
    /// Revoked at the source.
    public var revoked = 0
    /// Rows of nobody: logins that were started and not finished.
    public var anonymous = 0
    /// Rows that could not be taken over, by what is wrong with them.
    public var problems: [ImportProblem: Int] = [:]
    /// Users (by their ids at the source) that a problem is about, a few of each kind.
    public var examples: [ImportProblem: [String]] = [:]
    /// Imported without the account's tokens, because those are encrypted by the other system.
    public var withoutTokens = 0
    /// Sessions revoked afterwards because their users had more than the maximum.
    public var overLimit = 0

    /// Nothing done yet.
    public init() {}

    mutating func add(_ problem: ImportProblem, user: String?) {
        problems[problem, default: 0] += 1
        guard let user, examples[problem, default: []].count < 5, !examples[problem, default: []].contains(user) else {
            return
        }
        examples[problem, default: []].append(user)
    }
}

/// Why a row can't be taken over.
public struct ImportProblem: Sendable, Hashable {
    private enum Value: String {
        case noAccount, severalAccounts, otherIssuer, unusableID, noEnd, unusableValue
    }

    private let value: Value

    /// The user has no account of the provider.
    public static let noAccount = ImportProblem(value: .noAccount)
    /// The user has several accounts of the provider, and nothing tells with which one the session began.
    public static let severalAccounts = ImportProblem(value: .severalAccounts)
    /// The account says that it is of another issuer.
    public static let otherIssuer = ImportProblem(value: .otherIssuer)
    /// The id is too short for a secret, too long, or has characters that no cookie can have.
    public static let unusableID = ImportProblem(value: .unusableID)
    /// The row says no end.
    public static let noEnd = ImportProblem(value: .noEnd)
    /// A value is too long for its column or contains U+0000.
    public static let unusableValue = ImportProblem(value: .unusableValue)

    /// A word for programs.
    public var name: String { value.rawValue }

    /// What it means and what can be done.
    public var explanation: String {
        switch value {
        case .noAccount: "the user has no account of that provider; they sign in again"
        case .severalAccounts: "the user has several accounts of that provider, and nothing tells which one it is of"
        case .otherIssuer: "the account's issuer is not the one given; import it with its own --issuer"
        case .unusableID: "the id is shorter than 16 or longer than 255 characters, or not what a cookie can hold"
        case .noEnd: "the row has no end; nothing here lives for ever"
        case .unusableValue: "a value is longer than its column here takes"
        }
    }
}
