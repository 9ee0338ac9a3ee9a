/// The settings of one object in the configuration file, under the names that they have in the environment.
///
/// While it is read, a setting is the object's member; where that is missing and the setting has a default for all such
/// objects, the process's value.
struct SettingsScope {
    /// What an object calls a setting.
    struct Member {
        let setting: SettingName
        let name: String
        /// Whether the process's value takes the place of a missing one.
        let isInherited: Bool
    }

    let object: ConfigurationObject
    /// By the setting's spelling in the environment.
    let members: [String: Member]
    /// By the same; nothing empty.
    let values: [String: String]
    /// What is wrong with the form of the object.
    let problems: [String]

    /// - Parameters:
    ///   - members: By the setting's spelling in the environment.
    ///   - others: The members that are no settings, and that somebody else reads.
    init(_ object: ConfigurationObject, members: [String: Member], others: [String]) {
        let spellings = Dictionary(uniqueKeysWithValues: members.map { ($0.value.name, $0.key) })
        var values: [String: String] = [:]
        var problems: [String] = []
        for (name, value) in object.members.sorted(by: { $0.key < $1.key }) where !others.contains(name) {
            guard let spelling = spellings[name], let member = members[spelling] else {
                let nearest = UnknownSettings.nearest(to: name, among: Array(spellings.keys) + others)
                let hint = nearest.map { "; did you mean \($0)?" } ?? ""
                problems.append("\(object.place(name.printableName)): no such setting\(hint)")
                continue
            }
            do throws(SettingsError) {
                let text = try ConfigurationObject.text(value, isList: member.setting.isList)
                if let text, !text.isEmpty { values[spelling] = text }
            } catch {
                problems += error.problems.map { "\(object.place(name)): \($0)" }
            }
        }
        self.object = object
        self.members = members
        self.values = values
        self.problems = problems
    }

    /// Every setting that a provider has, and its `name`.
    static func provider(_ object: ConfigurationObject) -> SettingsScope {
        SettingsScope(object, members: providerMembers, others: ["name"])
    }

    private static let providerMembers: [String: Member] = {
        var members: [String: Member] = [:]
        for setting in SettingName.allCases {
            for (spelling, name) in setting.providerMembers {
                members[spelling] = Member(setting: setting, name: name, isInherited: setting.isProviderDefault)
            }
        }
        return members
    }()
}
