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
        var overrides: [String: String] = [:]
        for assignment in assignments {
            guard let separator = assignment.firstIndex(of: "="), separator != assignment.startIndex else {
                throw SettingsError(["--set: must look like NAME=value"])
            }
            overrides[String(assignment[..<separator])] = String(assignment[assignment.index(after: separator)...])
        }
        return try Settings.load(
            environment: environment,
            configurationFile: config,
            overrides: overrides,
            needs: needs
        )
    }
}
