import ArgumentParser
import Foundation

/// The flags by which every command finds its settings.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("A JSON file with settings.", valueName: "file"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting for this run; wins over environment and file. Not for secrets.",
            valueName: "NAME=value"
        )
    )
    var assignments: [String] = []

    /// Loads what the command needs.
    ///
    /// - Throws: ``SettingsError``.
    func load(
        needs: Settings.Needs,
        environment: [String: String] = ProcessInfo.processInfo.environment
    )
        throws(SettingsError) -> Settings
    {
        try loader(needs: needs, environment: environment)()
    }

    /// Loads the same again each time that it is called: files may have changed meanwhile.
    func loader(
        needs: Settings.Needs,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> @Sendable () throws(SettingsError) -> Settings {
        let (config, assignments) = (config, assignments)
        return { () throws(SettingsError) in
            try Settings.load(
                environment: environment,
                configurationFile: config,
                overrides: try Self.overrides(assignments),
                needs: needs
            )
        }
    }

    private static func overrides(_ assignments: [String]) throws(SettingsError) -> [String: String] {
        var overrides: [String: String] = [:]
        for assignment in assignments {
            guard let separator = assignment.firstIndex(of: "="), separator != assignment.startIndex else {
                throw SettingsError(["--set: must look like NAME=value"])
            }
            overrides[String(assignment[..<separator])] = String(assignment[assignment.index(after: separator)...])
        }
        return overrides
    }
}
