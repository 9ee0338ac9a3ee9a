import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The folder that lets tokens outlive a restart: a key and a JSON file, for their owner's eyes only.
struct StateDirectory: Sendable {
    let url: URL

    /// Makes the folder when it is missing, with mode 0700.
    init(_ url: URL) throws {
        self.url = url
        try FileManager.default.createDirectory(
            at: url,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    private var keyFile: URL { url.appendingPathComponent("signing-key.pem") }
    private var stateFile: URL { url.appendingPathComponent("state.json") }

    /// The key of the last start, or a new one at the first.
    func signingKey() throws -> SigningKey {
        if FileManager.default.fileExists(atPath: keyFile.path) {
            return try SigningKey(pem: String(contentsOf: keyFile, encoding: .utf8))
        }
        let key = try SigningKey.generate()
        try write(Data(key.pem.utf8), to: keyFile)
        return key
    }

    /// What the last run has saved; nothing at the first start.
    func load() throws -> SavedState {
        guard FileManager.default.fileExists(atPath: stateFile.path) else { return SavedState() }
        return try JSONDecoder().decode(SavedState.self, from: Data(contentsOf: stateFile))
    }

    func save(_ state: SavedState) throws {
        try write(try JSONEncoder().encode(state), to: stateFile)
    }

    /// Replaces a file in one step, so that a crash leaves the old or the new one.
    private func write(_ data: Data, to file: URL) throws {
        let temporary = file.path + ".new"
        // Mode 0600 from the first byte on, and never through a link that somebody has put there.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno, file) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: data)
        try handle.close()
        guard rename(temporary, file.path) == 0 else { throw failure(errno, file) }
    }

    private func failure(_ code: Int32, _ file: URL) -> DevelopmentProviderError {
        DevelopmentProviderError(.state, "can't write \(file.path): \(String(cString: strerror(code)))")
    }
}

/// The part of the provider's state that outlives a restart.
struct SavedState: Codable, Sendable {
    var grants: [String: Grant] = [:]
    /// By the digest of the browser's cookie.
    var sessions: [String: ProviderSession] = [:]
    var port: Int?
}
