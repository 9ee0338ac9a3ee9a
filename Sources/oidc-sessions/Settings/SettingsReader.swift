import Configuration
import Foundation
import Secrets

/// Reads settings one by one, strictly, and collects what is wrong with them.
///
/// Flags come before the environment, the environment before the file. Values are read as text and parsed here:
/// the library's own typed getters turn a malformed value into the default.
struct SettingsReader {
    private let configuration: ConfigReader
    private var problems: [String] = []
    /// What doesn't stop anything and should be looked at.
    let warnings: [String]

    init(environment: [String: String], file: ConfigurationFile?, overrides: [String: String]) {
        configuration = ConfigReader(providers: [
            Self.provider("flags", overrides),
            Self.provider("environment", environment),
            Self.provider("file", file?.values ?? [:]),
        ])
        let unknown = UnknownSettings(environment: environment, file: file, overrides: overrides)
        problems += unknown.problems
        warnings = unknown.warnings
    }

    /// Notes what is wrong and how to put it right.
    mutating func report(_ name: SettingName, _ problem: String) {
        note("\(name.rawValue): \(problem)")
    }

    /// Once is enough, though several settings may be read to judge one.
    private mutating func note(_ problem: String) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// Throws if anything was wrong.
    func finish() throws(SettingsError) {
        guard problems.isEmpty else { throw SettingsError(problems) }
    }

    /// The value of a setting, nil when it isn't set or empty.
    mutating func text(_ name: SettingName) -> String? {
        value(named: name.rawValue, isSecret: false)
    }

    /// A secret: its own value, that of an alias, or the content of the file that `NAME_FILE` names.
    mutating func secret(_ name: SettingName) -> Secret<String>? {
        var found: [(source: String, value: Secret<String>)] = []
        for spelling in [name.rawValue] + name.aliases {
            if let text = value(named: spelling, isSecret: true) {
                found.append((spelling, Secret(text)))
            }
            let fileVariable = spelling + SettingName.fileSuffix
            if let path = value(named: fileVariable, isSecret: false) {
                guard let content = secretFile(at: path, variable: fileVariable) else { return nil }
                found.append((fileVariable, content))
            }
        }
        if found.count > 1 {
            report(name, "is set twice, as \(found.map(\.source).joined(separator: " and ")); keep one")
        }
        return found.first?.value
    }

    /// A whole number within bounds; the default when it isn't set.
    mutating func integer(
        _ name: SettingName,
        default fallback: Int,
        in range: ClosedRange<Int>,
        unit: String = ""
    )
        -> Int
    {
        guard let text = text(name) else { return fallback }
        guard text.utf8.count <= 18, let number = Int(text), String(number) == text, range.contains(number) else {
            let what = unit.isEmpty ? "a whole number" : "a whole number of \(unit)"
            report(name, "must be \(what) from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        return number
    }

    /// `true` or `false`; the default when it isn't set.
    mutating func boolean(_ name: SettingName, default fallback: Bool) -> Bool {
        switch text(name) {
        case nil: return fallback
        case "true": return true
        case "false": return false
        default:
            report(name, "must be true or false")
            return fallback
        }
    }

    /// One of several words; nil when it isn't set.
    mutating func choice<Choice>(_ name: SettingName, _ choices: [(word: String, value: Choice)]) -> Choice? {
        guard let text = text(name) else { return nil }
        guard let choice = choices.first(where: { $0.word == text }) else {
            report(name, "must be one of \(choices.map(\.word).joined(separator: ", "))")
            return nil
        }
        return choice.value
    }

    private func value(named name: String, isSecret: Bool) -> String? {
        let text = configuration.string(forKey: ConfigKey([name]), isSecret: isSecret)
        return text?.isEmpty == true ? nil : text
    }

    private mutating func secretFile(at path: String, variable: String) -> Secret<String>? {
        let content: String
        do {
            content = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        } catch {
            note("\(variable): cannot read \(path): \((error as NSError).localizedFailureText)")
            return nil
        }
        // Editors and `echo` end a file with a newline that isn't part of the secret.
        let trimmed = content.trimmingCharacters(in: .newlines)
        guard !trimmed.isEmpty else {
            note("\(variable): \(path) is empty")
            return nil
        }
        return Secret(trimmed)
    }

    private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
        InMemoryProvider(
            name: name,
            values: values.reduce(into: [:]) {
                $0[AbsoluteConfigKey([$1.key])] = ConfigValue(.string($1.value), isSecret: true)
            }
        )
    }
}
