import Configuration
import Foundation
import OpenIDConnect
import Secrets

/// Reads settings one by one, strictly, and collects what is wrong with them.
///
/// Flags come before the environment, the environment before the file. Values are read as text and parsed here:
/// the library's own typed getters turn a malformed value into the default.
struct SettingsReader {
    private let process: ConfigReader
    /// The object of the file that is being read; nil while it is the process's own settings.
    private var scope: SettingsScope?
    /// What only a file has.
    let file: ConfigurationFile?
    private var problems: [String] = []
    /// What doesn't stop anything and should be looked at.
    private(set) var warnings: [String]
    /// What has been read so far.
    private(set) var texts = SettingsTexts()

    init(environment: [String: String], file: ConfigurationFile?, overrides: [String: String]) {
        self.file = file
        process = ConfigReader(providers: [
            Self.provider("flags", overrides),
            Self.provider("environment", environment),
            Self.provider("file", file?.values ?? [:]),
        ])
        let unknown = UnknownSettings(environment: environment, file: file, overrides: overrides)
        warnings = unknown.warnings
        problems += unknown.problems
        problems += file?.problems ?? []
    }

    /// Reads an object of the file: what is read and reported by `body` is the object's.
    mutating func reading<Result>(_ scope: SettingsScope, _ body: (inout SettingsReader) -> Result) -> Result {
        let outer = self.scope
        self.scope = scope
        defer { self.scope = outer }
        for problem in scope.problems { note(problem) }
        return body(&self)
    }

    /// Notes what is wrong and how to put it right.
    mutating func report(_ name: SettingName, _ problem: String) {
        note("\(place(of: name)): \(problem)")
    }

    /// The same of what is no setting of the environment: `place` says where it stands in the file.
    mutating func report(at place: String, _ problem: String) {
        note("\(place): \(problem)")
    }

    /// Notes what doesn't stop anything.
    mutating func warn(_ warning: String) {
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    /// Once is enough, though several settings may be read to judge one.
    private mutating func note(_ problem: String) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// Where to change a setting: in the object that is being read, unless its value is the process's.
    private func place(of name: SettingName) -> String {
        place(ofSpelling: name.rawValue)
    }

    private func place(ofSpelling spelling: String) -> String {
        guard let scope, let member = scope.members[spelling] else { return spelling }
        let isInherited = scope.values[spelling] == nil && value(named: spelling, isSecret: false) != nil
        return isInherited ? spelling : scope.object.place(member.name)
    }

    /// Throws if anything was wrong.
    func finish() throws(SettingsError) {
        guard problems.isEmpty else { throw SettingsError(problems) }
    }

    /// Whether the process has a value of its own, in whatever spelling.
    func isSet(_ name: SettingName) -> Bool {
        name.spellings.contains { value(named: $0, isSecret: name.isSecret) != nil }
    }

    /// The value of a setting, nil when it isn't set or empty.
    mutating func text(_ name: SettingName) -> String? {
        let text = value(named: name.rawValue, isSecret: false)
        note(text.map { Secret($0) }, of: name)
        return text
    }

    private mutating func note(_ value: Secret<String>?, of name: SettingName) {
        if !name.isReadAgain { texts.note(value, at: place(of: name)) }
    }

    /// Notes what a member of an object says that is no setting of the environment.
    mutating func note(_ value: JSONValue?, at place: String) {
        texts.note(value.map { Secret($0.serialized()) }, at: place)
    }

    /// Whether the value is that of the object that is being read, or the process's while none is: not one that an object
    /// inherits.
    func isOwn(_ name: SettingName) -> Bool {
        scope.map { $0.values[name.rawValue] != nil } ?? isSet(name)
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
            let places = found.map { place(ofSpelling: $0.source) }.joined(separator: " and ")
            report(name, "is set twice, as \(places); keep one")
        }
        note(found.first?.value, of: name)
        return found.first?.value
    }

    /// A whole number within bounds; the default when it isn't set.
    ///
    /// - Parameter word: what else the setting may be, which the caller has looked for.
    mutating func integer(
        _ name: SettingName,
        default fallback: Int,
        in range: ClosedRange<Int>,
        unit: String = "",
        or word: String? = nil
    )
        -> Int
    {
        guard let text = text(name) else { return fallback }
        guard text.utf8.count <= 18, let number = Int(text), String(number) == text, range.contains(number) else {
            let what = unit.isEmpty ? "a whole number" : "a whole number of \(unit)"
            let other = word.map { ", or \($0)" } ?? ""
            report(name, "must be \(what) from \(range.lowerBound) to \(range.upperBound)\(other)")
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
        if let scope, let member = scope.members[name] {
            if let text = scope.values[name] { return text }
            guard member.isInherited else { return nil }
        }
        let text = process.string(forKey: ConfigKey([name]), isSecret: isSecret)
        return text?.isEmpty == true ? nil : text
    }

    private mutating func secretFile(at path: String, variable: String) -> Secret<String>? {
        let content: String
        do {
            content = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        } catch {
            note("\(place(ofSpelling: variable)): cannot read \(path): \((error as NSError).failureText(of: path))")
            return nil
        }
        // Editors and `echo` end a file with a newline that isn't part of the secret.
        let trimmed = content.trimmingCharacters(in: .newlines)
        guard !trimmed.isEmpty else {
            note("\(place(ofSpelling: variable)): \(path) is empty")
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
