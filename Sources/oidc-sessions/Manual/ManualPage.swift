/// The manual page of the program, in the macros of man(7).
struct ManualPage {
    let program: CommandDescription
    let version: String

    /// The page, for `man -l` or a directory in MANPATH.
    var text: String {
        var lines = [
            ".TH \(Self.quoted(program.commandName.uppercased())) 1 \"\" \(Self.quoted("\(program.commandName) \(version)"))",
            ".SH NAME",
            "\(Self.escaped(program.commandName)) \\- \(Self.escaped(program.abstract ?? ""))",
            ".SH SYNOPSIS",
        ]
        let commands = program.allSubcommands
        for command in commands where command.subcommands?.isEmpty != false { lines += Self.synopsis(command) }
        lines.append(".SH DESCRIPTION")
        lines += Self.discussion(program.discussion)
        lines.append(".SH COMMANDS")
        for command in commands { lines += Self.section(command) }
        lines += Self.ending
        return lines.joined(separator: "\n")
    }

    private static func synopsis(_ command: CommandDescription) -> [String] {
        let parts = command.shownArguments.filter {
            $0.names?.contains { $0.name == "help" || $0.name == "version" } != true
        }
        .map { argument in
            let value = "\\fI\(escaped(argument.valueName ?? "value"))\\fR"
            let name = argument.names?.last.map { "\\fB\(escaped($0.spelling))\\fR" }
            let text = argument.kind == "flag" ? name ?? "" : [name, value].compactMap { $0 }.joined(separator: " ")
            return (argument.isOptional ? "[\(text)]" : text) + (argument.isRepeating ? " ..." : "")
        }
        return [".HP", "\\fB\(escaped(command.path))\\fR \(parts.joined(separator: " "))"]
    }

    private static func section(_ command: CommandDescription) -> [String] {
        var lines = [".SS \(quoted(command.path))", escaped(command.abstract ?? "")]
        if command.discussion != nil {
            lines.append(".PP")
            lines += discussion(command.discussion)
        }
        for argument in command.shownArguments {
            let names = (argument.names ?? []).map { "\\fB\(escaped($0.spelling))\\fR" }.joined(separator: ", ")
            let value = argument.kind == "flag" ? "" : "\\fI\(escaped(argument.valueName ?? "value"))\\fR"
            let isDefaultTold = argument.kind == "option" && argument.defaultValue != nil
            let preset = isDefaultTold ? " (default: \(argument.defaultValue ?? ""))" : ""
            lines += [
                ".TP", [names, value].filter { !$0.isEmpty }.joined(separator: " "),
                escaped((argument.abstract ?? "") + preset),
            ]
        }
        return lines
    }

    /// Paragraphs are filled; what follows `EXAMPLES:` stays as it is.
    private static func discussion(_ text: String?) -> [String] {
        var lines: [String] = []
        var isExample = false
        for line in (text ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "EXAMPLES:" {
                lines += [".PP", "Examples:", ".PP", ".RS 4", ".nf"]
                isExample = true
            } else if line.isEmpty, !isExample {
                lines.append(".PP")
            } else {
                lines.append(escaped(isExample ? String(line.drop { $0 == " " }) : String(line)))
            }
        }
        if isExample { lines += [".fi", ".RE"] }
        return lines
    }

    private static let ending: [String] =
        [".SH ENVIRONMENT", "Each is described in docs/settings.md of the sources."]
        + SettingName.allCases.flatMap { name in
            [
                ".TP",
                "\\fB\(escaped(name.rawValue))\\fR" + (name.isSecret ? ", \\fB\(escaped(name.rawValue))_FILE\\fR" : ""),
            ]
                + [name.isSecret ? "A secret." : "\\&"]
        }
        + [
            ".SH EXIT STATUS", ".TP", "0", "Done.", ".TP", "1", "Failed; standard error says what.", ".TP", "2",
            "Bad usage or configuration; each line begins with the setting to change.", ".TP", "75",
            "Try again: the database is out of reach.", "",
        ]

    /// Text that roff takes for nothing else; what isn't ASCII by its code, since the encoding of a page isn't told.
    private static func escaped(_ text: String) -> String {
        let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
            }
        }
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    private static func quoted(_ text: String) -> String {
        "\"\(escaped(text).replacing("\"", with: "\\(dq"))\""
    }
}
