package import Foundation

extension PrivatePostgres {
    /// Removes the directories of servers whose programs were killed before they could tidy up.
    ///
    /// - Parameters:
    ///   - prefix: how their names begin.
    ///   - parent: where they are.
    ///   - age: younger ones may be about to be taken by their program.
    package static func removeAbandoned(prefix: String, in parent: URL, olderThan age: TimeInterval = 60) async {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let directory = parent.appending(path: name, directoryHint: .isDirectory)
            let attributes = try? FileManager.default.attributesOfItem(atPath: directory.path)
            guard let changed = attributes?[.modificationDate] as? Date, -changed.timeIntervalSinceNow > age,
                let lock = try? DirectoryLock.take(in: directory)
            else { continue }
            defer { lock.release() }
            let layout = Layout(directory: directory)
            guard (try? await StrayServer.reap(dataDirectory: layout.data, within: .seconds(10))) != nil else {
                continue
            }
            try? FileManager.default.removeItem(at: layout.socketDirectory)
            try? FileManager.default.removeItem(at: directory)
        }
    }
}
