import Crypto
import Foundation

/// The virtual environment that the third-party providers live in: made once, then kept in `.test-cache/`.
actor PythonEnvironment {
    static let shared = PythonEnvironment()

    private var making: Task<URL, any Error>?

    /// The interpreter, with everything in `requirements.txt` installed.
    func interpreter() async throws -> URL {
        if let making { return try await making.value }
        let task = Task { try await Self.make() }
        making = task
        return try await task.value
    }

    private static func make() async throws -> URL {
        let requirements = Bundle.module.bundleURL.appending(path: "Providers/requirements.txt")
        let digest = SHA256.hash(data: try Data(contentsOf: requirements)).prefix(6)
        let name = "python-" + digest.map { String($0, radix: 16) }.joined()
        let final = Repository.cache.appending(path: name)
        let interpreter = final.appending(path: "bin/python")
        if FileManager.default.isExecutableFile(atPath: interpreter.path) { return interpreter }

        // Made under another name, so that what bears the right name is whole.
        let folder = Repository.cache.appending(path: "\(name).\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: Repository.cache, withIntermediateDirectories: true)
        print("Installing the third-party providers into \(final.path); this takes a minute, once.")
        let env = URL(fileURLWithPath: "/usr/bin/env")
        do {
            try await OutsideProgram(env, ["python3", "-m", "venv", folder.path]).finished()
        } catch {
            throw BrowserTestError("no virtual environment; install it: apt-get install python3-venv\n\(error)")
        }
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement", requirements.path]
        // Where packages come from, and whom to trust on the way, is the machine's business.
        let trusted = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]
        let settings = ProcessInfo.processInfo.environment.filter { name, _ in
            name.hasPrefix("PIP_") || name.lowercased().hasSuffix("_proxy") || trusted.contains(name)
        }
        try await OutsideProgram(folder.appending(path: "bin/python"), pip, environment: settings).finished()
        do {
            try FileManager.default.moveItem(at: folder, to: final)
        } catch  where FileManager.default.isExecutableFile(atPath: interpreter.path) {
            // Another test run was faster.
            try? FileManager.default.removeItem(at: folder)
        }
        return interpreter
    }
}
