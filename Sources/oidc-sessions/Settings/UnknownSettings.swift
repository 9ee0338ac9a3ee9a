/// Finds names that look like settings and are none: a misspelt one would silently be the default.
enum UnknownSettings {
    private static let known = Set(SettingName.allCases.flatMap(\.spellings))
    /// Set by desktop session managers (XSMP), not for us.
    private static let foreign: Set<String> = ["SESSION_MANAGER"]

    static func problems(
        environment: [String: String],
        file: ConfigurationFile?,
        overrides: [String: String]
    )
        -> [String]
    {
        let fromEnvironment = environment.keys.filter {
            ($0.hasPrefix("OIDC_") || $0.hasPrefix("SESSION_")) && !foreign.contains($0)
        }
        let secretOverrides = SettingName.allCases.filter { $0.isSecret && overrides[$0.rawValue] != nil }
        return describe(fromEnvironment, place: "the environment")
            + describe(Array((file?.values ?? [:]).keys), place: "the configuration file")
            + describe(Array(overrides.keys), place: "--set")
            + secretOverrides.map {
                "\($0.rawValue): --set would show it in the process list; use the environment or \($0.rawValue)_FILE"
            }
    }

    private static func describe(_ names: [String], place: String) -> [String] {
        names.filter { !known.contains($0) }.sorted().map { name in
            let printable = name.prefix(64).filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            let hint = nearest(to: name).map { "; did you mean \($0)?" } ?? ""
            return "\(printable): no such setting, in \(place)\(hint)"
        }
    }

    private static func nearest(to name: String) -> String? {
        let candidates = known.map { (name: $0, distance: editDistance(Array(name.utf8), Array($0.utf8))) }
        let best = candidates.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return best.flatMap { $0.distance <= 3 ? $0.name : nil }
    }

    /// Levenshtein's distance.
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substitution = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
