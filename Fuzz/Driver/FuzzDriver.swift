import CLibFuzzer
import Dispatch
import Foundation
import Synchronization

/// Hands libFuzzer's inputs to a target; a broken promise ends the process, as a crash of the parser does.
enum FuzzDriver {
    private static let target = Mutex<FuzzTarget?>(nil)

    /// Runs libFuzzer with these options of its own; it ends the process itself in most cases.
    static func run(_ target: FuzzTarget, options: [String]) -> CInt {
        self.target.withLock { $0 = target }
        // To merge and to minimise libFuzzer runs the program again with what it was given; two dashes it passes over.
        let words = [CommandLine.arguments[0], "--target=\(target.name)", "-max_len=\(target.maximumBytes)"] + options
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var count = CInt(words.count)
        return pointers.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return LLVMFuzzerRunDriver(&count, &start) { data, size in
                FuzzDriver.check(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
    }

    /// libFuzzer calls from the main thread, on which nothing else runs: it may wait.
    private static func check(_ bytes: [UInt8]) {
        guard let target = target.withLock({ $0 }) else { return }
        let isDone = DispatchSemaphore(value: 0)
        Task {
            do {
                try await target.check(bytes)
            } catch {
                fatalError("\(target.name): \(error)")
            }
            isDone.signal()
        }
        isDone.wait()
    }

    /// A target's words in libFuzzer's form.
    static func dictionary(of target: FuzzTarget) -> String {
        target.dictionary.map { word in
            let bytes = word.utf8.map { byte in
                let isPlain = (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                let hex = String(byte, radix: 16, uppercase: true)
                return isPlain ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + hex
            }
            return "\"" + bytes.joined() + "\""
        }.joined(separator: "\n")
    }
}
