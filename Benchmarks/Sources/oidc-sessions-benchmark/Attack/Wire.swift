import Foundation
import Glibc

/// A TCP connection on loopback, for a thread that waits in it.
///
/// Threads that block cost the measured program less than an event loop that shares its cores would, and what they
/// measure is not the queue of a thread pool.
final class Wire {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
        init(saying what: String) { description = what }
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // Nothing waits for ever, whatever the program under attack does.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit { close(descriptor) }

    static func connect(port: UInt16) throws -> Wire {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("socket") }
        let wire = Wire(descriptor)
        guard withLoopback(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else { throw Failure("connect") }
        return wire
    }

    /// Listens on a free port; `serve` gets each connection on a thread of its own.
    static func listen(_ serve: @escaping @Sendable (Wire) -> Void) throws -> UInt16 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0, withLoopback(0, { bind(listener, $0, $1) }) == 0, Glibc.listen(listener, 128) == 0
        else { throw Failure("listen") }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { continue }
                Thread.detachNewThread { serve(Wire(descriptor)) }
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// A port that nobody has at the moment.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard descriptor >= 0, withLoopback(0, { bind(descriptor, $0, $1) }) == 0,
            withUnsafeMutablePointer(
                to: &address,
                {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
                }
            ) == 0
        else { throw Failure("bind") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func withLoopback<Value>(
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    func send(_ text: String) throws {
        var text = text
        try text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[sent...])
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { throw Failure("send") }
                sent += count
            }
        }
    }

    /// A head, without its last line; nil when the other side has closed.
    func head() throws -> [String]? {
        var lines: [String] = []
        while let line = try line() {
            if line.isEmpty { return lines }
            lines.append(line)
        }
        return nil
    }

    func body(of head: [String]) throws -> String {
        guard let length = Wire.field("content-length", of: head).flatMap({ Int($0) }) else { return "" }
        while buffer.count - position < length { guard try fill() else { throw Failure("receive") } }
        defer { position += length }
        return String(decoding: buffer[position..<(position + length)], as: UTF8.self)
    }

    static func fields(_ name: String, of head: [String]) -> [String] {
        head.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { return nil }
            return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
    }

    static func field(_ name: String, of head: [String]) -> String? { fields(name, of: head).first }

    private func line() throws -> String? {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let last = end > position && buffer[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
                defer { position = end + 1 }
                return String(decoding: buffer[position..<last], as: UTF8.self)
            }
            let rest = buffer.count - position
            guard try fill() else { return nil }
            searched = position + rest
        }
    }

    private func fill() throws -> Bool {
        buffer.removeFirst(position)
        position = 0
        let count = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: 16_384))
        let received = buffer.withUnsafeMutableBytes { bytes in
            let room = UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
            return recv(descriptor, room.baseAddress, room.count, 0)
        }
        buffer.removeLast(16_384 - max(received, 0))
        guard received >= 0 else { throw Failure("receive") }
        return received > 0
    }
}

/// Runs a function on so many threads, and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
    await withTaskGroup(of: Void.self) { group in
        for index in 0..<count {
            group.addTask {
                await withCheckedContinuation { continuation in
                    Thread.detachNewThread {
                        body(index)
                        continuation.resume()
                    }
                }
            }
        }
    }
}
