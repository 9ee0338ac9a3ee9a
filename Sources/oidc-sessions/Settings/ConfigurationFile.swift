import Foundation

/// The configuration file: one JSON object whose members are the settings.
struct ConfigurationFile {
    /// The members as text: a string as it is, numbers and booleans as they are written in the environment.
    let values: [String: String]

    /// Reads a file of at most 1 MiB.
    init(path: String) throws(SettingsError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw SettingsError(["--config: cannot read \(path): \((error as NSError).localizedFailureText)"])
        }
        guard data.count <= 1_048_576 else { throw SettingsError(["--config: \(path) is larger than 1 MiB"]) }
        do {
            let members = try JSONDecoder().decode([String: Member].self, from: data)
            values = members.compactMapValues(\.text)
        } catch {
            throw SettingsError(["--config: \(path) must be one JSON object of strings, numbers and booleans"])
        }
    }

    private struct Member: Decodable {
        /// Nil for JSON's null, which means "not set".
        let text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = nil
            } else if let value = try? container.decode(Bool.self) {
                text = String(value)
            } else if let value = try? container.decode(Int.self) {
                text = String(value)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}

extension NSError {
    /// What went wrong, without the path, which the message already has.
    var localizedFailureText: String {
        switch (domain, code) {
        case (NSCocoaErrorDomain, NSFileReadNoSuchFileError): "no such file"
        case (NSCocoaErrorDomain, NSFileReadNoPermissionError): "no permission"
        default: "error \(code)"
        }
    }
}
