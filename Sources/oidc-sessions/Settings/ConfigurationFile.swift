import Foundation
import OpenIDConnect

/// The configuration file: one JSON object whose members are the settings, and the lists of providers and tenants.
struct ConfigurationFile {
    /// The members of ``lists`` and ``defaultProvider``, which only a file has.
    static let providersMember = "providers"
    static let tenantsMember = "tenants"
    static let defaultProviderMember = "default_provider"

    /// The settings as text: a string as it is, numbers and booleans as they are written in the environment.
    let values: [String: String]
    /// Nil when the file has no such member.
    let providers: [ConfigurationObject]?
    /// Nil when the file has no such member.
    let tenants: [ConfigurationObject]?
    /// The whole file, for what is no setting of the environment.
    let root: ConfigurationObject
    /// What is wrong with its form.
    let problems: [String]

    /// Reads a file of at most 1 MiB.
    ///
    /// - Throws: ``SettingsError`` for what can't be read at all.
    init(path: String) throws(SettingsError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw SettingsError(["--config: cannot read \(path): \((error as NSError).failureText(of: path))"])
        }
        guard data.count <= 1_048_576 else { throw SettingsError(["--config: \(path) is larger than 1 MiB"]) }
        // Foundation's decoder would take the last of two members of one name without a word.
        guard let members = JSONReader.readObject(Array(data)) else {
            let place = JSONReader.lineOfFlaw(Array(data)).map { ", line \($0) or the one before:" } ?? ""
            throw SettingsError([
                "--config: \(path)\(place) must be one JSON object of settings in UTF-8, without a name that is there twice"
            ])
        }
        var problems: [String] = []
        var values: [String: String] = [:]
        let own = [Self.providersMember, Self.tenantsMember, Self.defaultProviderMember]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where !own.contains(name) {
            do throws(SettingsError) {
                values[name] = try ConfigurationObject.text(value)
            } catch {
                problems += error.problems.map { "\(name.printableName): \($0), in the configuration file" }
            }
        }
        providers = Self.objects(members[Self.providersMember], Self.providersMember, &problems)
        tenants = Self.objects(members[Self.tenantsMember], Self.tenantsMember, &problems)
        root = ConfigurationObject(path: "", members: members)
        self.values = values
        self.problems = problems
    }

    private static func objects(
        _ list: JSONValue?,
        _ name: String,
        _ problems: inout [String]
    ) -> [ConfigurationObject]? {
        guard let list else { return nil }
        guard let elements = list.arrayValue, !elements.isEmpty else {
            problems.append("\(name): must be an array of one object or more, in the configuration file")
            return nil
        }
        var objects: [ConfigurationObject] = []
        for (index, element) in elements.enumerated() {
            if let members = element.objectValue {
                objects.append(ConfigurationObject(path: "\(name)[\(index)]", members: members))
            } else {
                problems.append("\(name)[\(index)]: must be an object")
            }
        }
        return objects
    }
}

extension String {
    /// A name that somebody else has chosen, fit for a message: at most 64 letters, digits and underscores.
    var printableName: String {
        String(prefix(64).filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    }
}

extension NSError {
    /// Why a file could not be read, without the path, which the message already has.
    func failureText(of path: String) -> String {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            return "it is a directory"
        }
        return switch (domain, code) {
        case (NSCocoaErrorDomain, NSFileReadNoSuchFileError): "no such file"
        case (NSCocoaErrorDomain, NSFileReadNoPermissionError): "no permission"
        case (NSCocoaErrorDomain, NSFileReadInapplicableStringEncodingError): "it is no UTF-8 text"
        default: "error \(code)"
        }
    }
}
