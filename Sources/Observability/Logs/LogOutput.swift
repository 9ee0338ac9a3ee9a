#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where finished log lines go.
///
/// A line is handed over whole, so that lines of several threads never mix.
public struct LogOutput: Sendable {
    let write: @Sendable (String) -> Void

    /// An output that hands each line, newline included, to a function.
    public init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// Standard error of the process, one `write(2)` a line.
    public static let standardError = LogOutput { line in
        var line = line
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let base = rest.baseAddress, !rest.isEmpty {
                let written = writeToStandardError(base, rest.count)
                if written < 0 && errno == EINTR { continue }
                // A closed or full standard error must never stop the program that logs to it.
                guard written > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }

    private static func writeToStandardError(_ base: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(STDERR_FILENO, base, count)
        #else
        Darwin.write(STDERR_FILENO, base, count)
        #endif
    }
}
