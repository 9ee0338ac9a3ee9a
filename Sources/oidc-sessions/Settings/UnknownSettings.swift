/// Finds names that look like settings and are none: a misspelt one would silently be the default.
struct UnknownSettings {
    /// What stops the start.
    private(set) var problems: [String] = []
    /// What is worth a line, and may be meant for another program.
    private(set) var warnings: [String] = []

    private static let known = Set(SettingName.allCases.flatMap(\.spellings))
    /// Set by desktop session managers (XSMP), not for us.
    private static let foreign: Set<String> = ["SESSION_MANAGER"]

    init(environment: [String: String], file: ConfigurationFile?, overrides: [String: String]) {
        let sources = Set(environment.keys).union((file?.values ?? [:]).keys).union(overrides.keys)
        for name in environment.keys.sorted() where !Self.known.contains(name) {
            if name.hasPrefix("OIDC_") || name.hasPrefix("SESSION_") {
                guard !Self.foreign.contains(name), !Self.isServiceLink(name, environment[name] ?? "") else { continue }
                problems.append(Self.unknown(name, place: "the environment"))
            } else {
                judge(name, sources: sources)
            }
        }
        let lists = [
            ConfigurationFile.providersMember, ConfigurationFile.tenantsMember, ConfigurationFile.defaultProviderMember,
        ]
        problems += Self.unknown((file?.values ?? [:]).keys, place: "the configuration file", besides: lists)
        problems += Self.unknown(overrides.keys, place: "--set")
        for name in SettingName.allCases where name.isSecret && overrides[name.rawValue] != nil {
            let name = name.rawValue
            problems.append("\(name): --set would show it in the process list; use the environment or \(name)_FILE")
        }
    }

    /// Judges a name that has nothing but likeness to say that it is meant for us.
    ///
    /// The environment is everybody's. So the name must be close to that of a setting that isn't set, and the longer
    /// that is, the less likely it is a coincidence: `ADMIN_TOKENS` stops the start, `LOGLEVEL` is worth a warning, and
    /// nothing is concluded from `HOSTS` or `POST`.
    private mutating func judge(_ name: String, sources: Set<String>) {
        guard name.utf8.count <= 64 else { return }
        let upper = name.uppercased()
        let close = Self.known.filter { candidate in
            let length = candidate.utf8.count
            let tolerance = length >= 12 ? 2 : length >= 8 ? 1 : 0
            guard tolerance > 0, abs(upper.utf8.count - length) <= tolerance else { return false }
            return EditDistance.between(upper, candidate) <= tolerance
        }
        // Who has set the setting as well knows how it is spelt.
        guard !close.isEmpty, sources.isDisjoint(with: close), let nearest = Self.nearest(to: upper) else { return }
        let isLikely = nearest.utf8.count >= 10
        let line = "\(name.printableName): no such setting, in the environment; did you mean \(nearest)?"
        if isLikely {
            problems.append("\(line) (if it is another program's, set \(nearest) too)")
        } else {
            warnings.append(line)
        }
    }

    /// Kubernetes describes every service of the namespace to every container: `OIDC_SESSIONS_SERVICE_HOST` and its
    /// like are there as soon as a service is called `oidc-sessions`.
    private static func isServiceLink(_ name: String, _ value: String) -> Bool {
        if name.wholeMatch(of: /[A-Z0-9_]+_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)/) != nil { return true }
        if name.wholeMatch(of: /[A-Z0-9_]+_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?/) != nil { return true }
        return name.hasSuffix("_PORT") && ["tcp://", "udp://", "sctp://"].contains { value.hasPrefix($0) }
    }

    private static func unknown(
        _ names: some Sequence<String>,
        place: String,
        besides others: [String] = []
    ) -> [String] {
        names.filter { !known.contains($0) }.sorted().map { unknown($0, place: place, besides: others) }
    }

    private static func unknown(_ name: String, place: String, besides others: [String] = []) -> String {
        let hint = nearest(to: name, among: Array(known) + others).map { "; did you mean \($0)?" } ?? ""
        return "\(name.printableName): no such setting, in \(place)\(hint)"
    }

    private static func nearest(to name: String) -> String? { nearest(to: name, among: known) }

    /// The candidate that a misspelt name is most likely to mean; nil when none is close.
    static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
        let name = String(name.prefix(64))
        let near = candidates.map { (name: $0, distance: EditDistance.between(name, $0)) }
        // Of a short name nothing is left when three letters of it are others.
        let tolerance = max(1, min(3, name.utf8.count / 3))
        let best = near.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        if let best, best.distance <= tolerance { return best.name }
        // What was left away is most often the end: SESSION_COOKIE, SESSION_DURATION.
        guard name.utf8.count >= 8 else { return nil }
        let longer = near.map(\.name).filter { $0.hasPrefix(name + "_") }
        return longer.min { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    }
}
