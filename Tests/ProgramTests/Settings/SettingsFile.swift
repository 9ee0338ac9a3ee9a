import Foundation
import Testing

@testable import oidc_sessions

/// A configuration file of one test.
enum SettingsFile {
    static func with<Result>(_ content: String, _ body: (String) throws -> Result) throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(content.utf8).write(to: file)
        return try body(file.path)
    }

    /// What is read from it.
    static func load(
        _ content: String,
        environment: [String: String] = [:],
        needs: Settings.Needs = .provider
    ) throws -> Settings {
        try with(content) { try Settings.load(environment: environment, configurationFile: $0, needs: needs) }
    }

    /// Everything that is wrong with it.
    static func problems(_ content: String, environment: [String: String] = [:]) throws -> [String] {
        try #require(throws: SettingsError.self) { try load(content, environment: environment) }.problems
    }
}
