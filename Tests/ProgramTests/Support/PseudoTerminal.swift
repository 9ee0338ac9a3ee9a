import Foundation
import Glibc
import Patience
import PrivatePostgres
import Testing

/// A terminal that nobody looks at.
final class PseudoTerminal {
    // asm-generic/ioctls.h; the macros are too much for Swift's importer.
    private static let unlock = 0x4004_5431
    private static let number = 0x8004_5430

    private let master: Int32
    private let slave: Int32
    let path: String

    /// pts(4): what posix_openpt and its friends do, which Swift's Glibc doesn't have.
    init(columns: UInt16) throws {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
        var lock: Int32 = 0
        var number: UInt32 = 0
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        let isReady =
            ioctl(master, UInt(Self.unlock), &lock) == 0 && ioctl(master, UInt(Self.number), &number) == 0
            && ioctl(master, UInt(TIOCSWINSZ), &size) == 0
        path = "/dev/pts/\(number)"
        self.master = master
        // Held open, so that the end of the program isn't the end of the terminal.
        slave = open(path, O_RDWR | O_NOCTTY)
        try #require(isReady && slave >= 0)
    }

    deinit {
        close(slave)
        close(master)
    }

    /// What was written to it since the last call, with the line ends that were sent.
    func read() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = Glibc.read(master, &buffer, buffer.count), count > 0 {
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
    }

    /// Runs the program on a terminal where somebody has typed this ahead; nil: where it can't read.
    ///
    /// Its errors go there too, unless there is a file for them.
    static func run(
        _ arguments: [String],
        typing text: String? = nil,
        errors: String? = nil,
        columns: UInt16 = 80,
        environment: [String: String] = [:]
    ) async throws -> (exit: ChildProcess.Exit?, shown: String) {
        let terminal = try PseudoTerminal(columns: columns)
        var command = Command(Program.path, arguments, environment: environment)
        if let text {
            command.input = terminal.path
            try #require(Glibc.write(terminal.master, text, text.utf8.count) == text.utf8.count)
        }
        command.output = terminal.path
        command.errors = errors ?? terminal.path
        let process = try await ChildProcess.start(command)
        defer { process.signal(SIGKILL) }
        var shown = ""
        try await eventually("\(arguments) has ended") {
            // The end first: what it wrote before is all there then.
            let hasEnded = process.exit != nil
            shown += terminal.read()
            return hasEnded
        }
        return (process.exit, shown)
    }
}
