import Foundation

/// What a process listens on, from `/proc`.
enum Sockets {
    /// The local addresses of listening TCP sockets, in the hexadecimal form of proc(5).
    static func listening(of process: Int32) throws -> [String] {
        let own = try ownSockets(of: process)
        var addresses: [String] = []
        for table in ["tcp", "tcp6"] {
            let text = try String(contentsOfFile: "/proc/\(process)/net/\(table)", encoding: .utf8)
            for line in text.split(separator: "\n") {
                let fields = line.split(separator: " ").map(String.init)
                // 0A is TCP_LISTEN; the tenth field is the inode.
                guard fields.count > 9, fields[3] == "0A", own.contains(fields[9]) else { continue }
                addresses.append(String(fields[1].prefix { $0 != ":" }))
            }
        }
        return addresses
    }

    /// The inodes of its sockets.
    private static func ownSockets(of process: Int32) throws -> Set<String> {
        let directory = "/proc/\(process)/fd"
        var inodes: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\(name)")
            if let match = target?.wholeMatch(of: #/socket:\[([0-9]+)\]/#) { inodes.insert(String(match.1)) }
        }
        return inodes
    }
}
