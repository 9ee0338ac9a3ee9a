import Foundation
import PrivatePostgres
import Testing

/// A unit file of Examples/.
struct SystemdUnit {
    /// Where it lies.
    let file: URL
    private let text: String

    /// - Parameter path: from Examples/ on.
    init(_ path: String) throws {
        file = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Examples").appending(path: path)
        text = try String(contentsOf: file, encoding: .utf8)
    }

    /// The values of a key, in their order.
    func values(_ key: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }

    /// The arguments of `ExecStart`, with the directory that `%d` stands for (systemd.unit(5)).
    func arguments(credentials: URL) throws -> [String] {
        let words = try #require(values("ExecStart").first).split(separator: " ").map(String.init)
        #expect(words.first == "/usr/local/bin/oidc-sessions")
        return words.dropFirst().map { $0.replacing("%d", with: credentials.path) }
    }

    /// The environment, likewise; every file that it names is a credential that the unit loads.
    func environment(credentials: URL) throws -> [String: String] {
        let loaded = Set(values("LoadCredential").map { String($0.prefix { $0 != ":" }) })
        return try values("Environment").reduce(into: [:]) { environment, assignment in
            let parts = assignment.split(separator: "=", maxSplits: 1).map(String.init)
            let value = try #require(parts.last)
            if let credential = value.wholeMatch(of: #/%d/(.+)/#) {
                #expect(loaded.contains(String(credential.1)))
            }
            environment[parts[0]] = value.replacing("%d", with: credentials.path)
        }
    }

    /// Where the verifying program is.
    static var verifier: String? {
        ["/usr/bin/systemd-analyze", "/bin/systemd-analyze"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// What `systemd-analyze verify` says of units that belong together: nothing when they are in order.
    static func complaints(about units: [SystemdUnit], in scratch: URL) async throws -> String {
        var paths: [String] = []
        for unit in units {
            let path = scratch.appending(path: unit.file.lastPathComponent)
            try unit.text.replacing("/usr/local/bin/oidc-sessions", with: Program.path)
                .write(to: path, atomically: true, encoding: .utf8)
            paths.append(path.path)
        }
        let output = scratch.appending(path: "complaints")
        var command = Command(try #require(verifier), ["verify", "--man=no"] + paths)
        command.output = output.path
        let exit = try await ChildProcess.start(command).waitForExit(within: .seconds(120))
        let text = try String(contentsOf: output, encoding: .utf8)
        return exit == .code(0) ? text : "\(text)\(String(describing: exit))"
    }
}
