import Foundation
import Glibc
import Synchronization

/// What people and scripts read: answers on standard output, complaints on standard error, each line at once.
enum Terminal {
    /// The error number of the first answer that could not be written; 0 when all were.
    private static let outputError = Atomic<Int32>(0)

    /// Why an answer is not where it should be, such as a full disk; nil when it is, or when its reader has gone away.
    static var outputFailure: String? {
        let number = outputError.load(ordering: .relaxed)
        return number == 0 ? nil : String(cString: strerror(number))
    }

    static func print(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    static func complain(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    /// Whether somebody watches: then long work shows its progress on standard error.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether somebody may be there to answer.
    static var hasKeyboard: Bool { isatty(STDIN_FILENO) == 1 }

    /// Asks on standard error; only a yes is one.
    static func confirms(_ question: String) -> Bool {
        draw("\(question) [y/N] ")
        guard let answer = readLine() else {
            draw("\n")
            return false
        }
        return ["y", "yes"].contains(answer.lowercased())
    }

    /// How many columns the terminal has that the answer goes to; nil when it goes elsewhere.
    static var width: Int? { width(of: STDOUT_FILENO) }

    /// The same of standard error.
    static var errorWidth: Int? { width(of: STDERR_FILENO) }

    /// Writes to the terminal of standard error as it is.
    static func draw(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    private static func width(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        // A terminal that doesn't know says 0.
        return size.ws_col >= 20 ? Int(size.ws_col) : 80
    }

    /// One JSON document on one line, keys in order, so that two outputs compare.
    static func print(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        print(String(decoding: try encoder.encode(value), as: UTF8.self).escapedInJSON)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let base = rest.baseAddress, !rest.isEmpty {
                let written = Glibc.write(descriptor, base, rest.count)
                if written < 0, errno == EINTR { continue }
                // Not a reason to stop serving; a command says at its end that its answer is incomplete.
                guard written > 0 else {
                    if descriptor == STDOUT_FILENO { noteFailure(written < 0 ? errno : EIO) }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }

    private static func noteFailure(_ number: Int32) {
        // EPIPE: the reader, such as `head`, has read what it wanted.
        guard number != EPIPE else { return }
        _ = outputError.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    }
}
