import Foundation

/// `oidc-sessions`, the binary that was built together with these tests, as a process of its own.
struct RunningProgram: Sendable {
    /// Where a browser finds it.
    let origin: URL
    private let process: OutsideProgram

    /// `serve --migrate` at a provider.
    static func serve(_ environment: [String: String]) async throws -> RunningProgram {
        let process = try await OutsideProgram(Repository.program, ["serve", "--migrate"], environment: environment)
        return try await RunningProgram(process, announcement: "oidc-sessions serves ")
    }

    /// `dev`, with its data in a folder.
    static func dev(directory: URL, port: Int) async throws -> RunningProgram {
        let arguments = ["dev", "--directory", directory.path, "--port", "\(port)"]
        let process = try await OutsideProgram(Repository.program, arguments)
        return try await RunningProgram(process, announcement: "Open ")
    }

    private init(_ process: OutsideProgram, announcement: String) async throws {
        let address: String
        do {
            address = try await process.firstLine { line in
                guard line.hasPrefix(announcement) else { return nil }
                return String(line.dropFirst(announcement.count).prefix { $0 != " " })
            }
        } catch {
            await process.stop()
            throw error
        }
        guard let origin = URL(string: address) else { throw BrowserTestError("\(address) is no address") }
        self.origin = origin
        self.process = process
    }

    var transcript: String { process.transcript }

    /// SIGTERM, and the wait for the end.
    func stop() async {
        await process.stop()
    }
}
