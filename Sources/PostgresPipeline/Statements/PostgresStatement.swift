/// One SQL statement with the types of its parameters, prepared once on each connection that uses it.
///
/// Make it a constant beside the function that uses it. The types are declared so that values travel in binary and
/// the server never guesses them.
public struct PostgresStatement: Sendable, Hashable {
    /// The statement's text with `$1`, `$2`, … for its parameters.
    public let sql: String
    /// The types of the parameters, in order.
    public let parameters: [PostgresType]
    /// The name under which connections prepare it: a digest of text and types, the same in every process.
    let name: String
    /// Why it can't be sent; `nil` when it can.
    let flaw: String?

    /// A statement; nothing is sent until it is first used.
    public init(_ sql: String, parameters: [PostgresType] = []) {
        self.sql = sql
        self.parameters = parameters
        self.name = Self.name(of: sql, parameters: parameters)
        self.flaw = Self.flaw(of: sql)
    }

    /// Two statements are the same when text and types are.
    public static func == (left: PostgresStatement, right: PostgresStatement) -> Bool {
        left.name == right.name && left.sql == right.sql && left.parameters == right.parameters
    }

    /// Hashes the name, which stands for text and types.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }

    /// FNV-1a with two offsets, 128 bits: statements are written by the program, not by an attacker.
    private static func name(of sql: String, parameters: [PostgresType]) -> String {
        var first: UInt64 = 0xcbf2_9ce4_8422_2325
        var second: UInt64 = 0x6c62_272e_07bb_0142
        func mix(_ byte: UInt8) {
            first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
            second = (second ^ UInt64(byte)) &* 0x100_0000_01b3
            second = second &<< 5 | second &>> 59
        }
        for byte in sql.utf8 { mix(byte) }
        for parameter in parameters {
            mix(0)
            withUnsafeBytes(of: parameter.oid.bigEndian) { $0.forEach(mix) }
        }
        let digits = [first, second].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "op_" + digits.joined()
    }
}
