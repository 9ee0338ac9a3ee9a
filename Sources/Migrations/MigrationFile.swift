import Crypto

/// One numbered SQL file: `11_sessions.sql`.
public struct MigrationFile: Sendable, Hashable {
    /// The number in front of the first underscore; files are applied in its order.
    public let version: Int32

    /// The file's name without number and suffix: `sessions`.
    public let name: String

    /// The file's name as it is written: `11_sessions.sql`.
    public let fileName: String

    /// The SQL, several statements, run as one transaction.
    public let script: String

    /// SHA-256 of the file's bytes in lower-case hexadecimal: what `schema_migrations` remembers.
    public let checksum: String

    /// Reads one file.
    ///
    /// - Parameters:
    ///   - fileName: a number of at most nine digits, an underscore, lower-case letters, digits and underscores,
    ///     and `.sql`.
    ///   - contents: UTF-8 without NUL.
    /// - Throws: ``MigrationError`` with the code `badName` or `unreadable`.
    public init(fileName: String, contents: [UInt8]) throws(MigrationError) {
        guard let match = fileName.wholeMatch(of: #/([0-9]{1,9})_([a-z0-9_]+)\.sql/#),
            let version = Int32(match.1), version > 0
        else {
            throw MigrationError(
                .badName,
                "\(fileName.quotedForPeople) is not a migration's name: number, underscore, name in lower case, .sql",
                fileName: fileName
            )
        }
        guard let script = String(validating: contents, as: UTF8.self), !contents.contains(0) else {
            throw MigrationError(.unreadable, "\(fileName) is not UTF-8 text", fileName: fileName)
        }
        self.version = version
        self.name = String(match.2)
        self.fileName = fileName
        self.script = script
        self.checksum = SHA256.hash(data: contents).reduce(into: "") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}

extension String {
    /// Quoted, with control characters escaped: names of files and tables that others chose.
    var quotedForPeople: String { debugDescription }
}
