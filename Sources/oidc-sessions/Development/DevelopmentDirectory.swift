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

    /// What is kept here in a file of its own.
    enum SecretName: String {
        case sealing = "session-secret"
        case adminToken = "admin-token"
        case cronSecret = "cron-secret"
    }

    /// Where a secret is kept.
    func file(of name: SecretName) -> String { url.appending(path: name.rawValue).path }

    /// A secret: made by the first run and kept, for its owner's eyes only.
    ///
    /// The caller holds the database of this directory, so that no second run makes another one.
    func secret(_ name: SecretName) throws -> Secret<String> {
        let file = file(of: name)
        if let text = try? String(contentsOfFile: file, encoding: .utf8) {
            return Secret(text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let secret = SealingSecret.generate()
        // A name of its own until it is complete: half a secret would lock out what the other half had sealed.
        let unfinished = file + ".unfinished"
        unlink(unfinished)
        // Mode 0600 from the first byte on, and never through a link that somebody has put there.
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ProgramError("--directory: cannot write \(file)") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard (try? handle.write(contentsOf: Data((secret + "\n").utf8))) != nil, rename(unfinished, file) == 0 else {
            throw ProgramError("--directory: cannot write \(file)")
        }
        return Secret(secret)
    }
}
