import OpenIDConnect

/// An object within the configuration file: a provider, or a tenant.
struct ConfigurationObject {
    /// Where it stands, as problems name it: `providers[1]`.
    let path: String
    let members: [String: JSONValue]

    /// Where a member of it stands.
    func place(_ member: String) -> String { "\(path).\(member)" }

    /// A member as the text that a setting has in the environment.
    ///
    /// - Parameter isList: whether an array of strings will do as well.
    /// - Throws: what is wrong with it; never the value.
    static func text(_ value: JSONValue, isList: Bool = false) throws(SettingsError) -> String? {
        switch value {
        case .null: return nil
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .bool(let flag): return String(flag)
        case .array where isList:
            guard let words = value.stringArrayValue,
                words.allSatisfy({ !$0.isEmpty && !$0.contains { $0.isWhitespace || $0 == "," } })
            else { throw SettingsError(["must be a string, or an array of words"]) }
            guard !words.isEmpty else {
                throw SettingsError(["is empty, which changes nothing: leave it out for the default"])
            }
            return words.joined(separator: " ")
        case .array, .object, .number: throw SettingsError(["must be a string, a whole number or a boolean"])
        }
    }
}
