import Foundation

/// The inputs that are in the repository.
enum FuzzInputs {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz")
    private static let kinds = ["Corpora", "Regressions"]

    static func committed(for target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        try kinds.flatMap { kind in
            try contents("\(kind)/\(target.name)").map { name in
                let path = "\(kind)/\(target.name)/\(name)"
                return (path, [UInt8](try Data(contentsOf: folder.appending(path: path))))
            }
        }
    }

    /// The names of the folders, which are names of targets.
    static func folders() throws -> Set<String> {
        Set(try kinds.flatMap { try contents($0) })
    }

    private static func contents(_ path: String) throws -> [String] {
        let folder = folder.appending(path: path)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
    }
}
