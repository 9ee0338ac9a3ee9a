/// Everything that is wrong with the settings, all of it at once; never a value that may be secret.
struct SettingsError: Error, Sendable, CustomStringConvertible {
    /// One line each, beginning with the setting to change.
    var problems: [String]

    init(_ problems: [String]) { self.problems = problems }

    var description: String { problems.joined(separator: "\n") }
}
