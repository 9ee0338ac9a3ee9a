import Foundation
import Glibc
import Secrets

/// `.dev/`: what a laptop keeps between two runs.
struct DevelopmentDirectory {
    private let url: URL

    var postgres: URL { url.appending(path: "postgres", directoryHint: .isDirectory) }
    var provider: URL { url.appending(path: "provider", directoryHint: .isDirectory) }

    /// Makes the directory, and keeps it out of version control.
    init(path: String) throws {
        url = URL(filePath: path, directoryHint: .isDirectory).absoluteURL.standardizedFileURL
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            let ignore = url.appending(path: ".gitignore")
            if !FileManager.default.fileExists(atPath: ignore.path) {
                try Data("*\n".utf8).write(to: ignore)
            }
        } catch {
            throw ProgramError("--directory: cannot make \(url.path)")
        }
    }

    /// The sealing secret: made by the first run and kept, for its owner's eyes only.
    ///
    /// The caller holds the database of this directory, so that no second run makes another one.
    func sealingSecret() throws -> Secret<String> {
        let file = url.appending(path: "session-secret").path
        if let text = try? String(contentsOfFile: file, encoding: .utf8) {
            return Secret(text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let secret = SealingSecret.generate()
        // A name of its own until it is complete: half a secret would lock out what the other half had sealed.
        let unfinished = file + ".unfinished"
        unlink(unfinished)
        let made = FileManager.default.createFile(
            atPath: unfinished,
            contents: Data((secret + "\n").utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard made, rename(unfinished, file) == 0 else {
            throw ProgramError("--directory: cannot write \(file)")
        }
        return Secret(secret)
    }
}
