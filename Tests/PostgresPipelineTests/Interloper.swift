import Foundation
import Glibc
import Synchronization
import Testing

/// A listener on a free port that comes between a client and its server while they agree on TLS.
///
/// It has threads of its own, because sockets block.
final class Interloper: Sendable {
    private enum Role {
        /// Passes the request for TLS on, adds these bytes to the server's consent, then passes everything on.
        case adding([UInt8], port: UInt16)
        /// Answers the request for TLS by itself.
        case answering([UInt8])
    }

    let port: UInt16
    private let descriptor: Int32
    private let heard = Heard()

    private final class Heard: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// What clients have said, as far as it was text.
    var received: String { heard.bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    convenience init(before port: UInt16, adding bytes: [UInt8]) throws {
        try self.init(.adding(bytes, port: port))
    }

    convenience init(answering bytes: [UInt8]) throws {
        try self.init(.answering(bytes))
    }

    private init(_ role: Role) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var port: UInt16 = 0
        let isListening = Self.withLoopback(port: 0) { address, length in
            var length = length
            guard bind(descriptor, address, length) == 0, listen(descriptor, 8) == 0,
                getsockname(descriptor, address, &length) == 0
            else { return false }
            port = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
            return true
        }
        try #require(isListening)
        self.descriptor = descriptor
        self.port = port
        let heard = heard
        Thread { Self.serve(descriptor, role, heard) }.start()
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private static func serve(_ descriptor: Int32, _ role: Role, _ heard: Heard) {
        while case let client = accept(descriptor, nil, nil), client >= 0 {
            Thread {
                handle(client, role, heard)
                close(client)
            }.start()
        }
    }

    private static func handle(_ client: Int32, _ role: Role, _ heard: Heard) {
        // SSLRequest: a length of eight, and a number.
        var request = [UInt8](repeating: 0, count: 8)
        guard recv(client, &request, 8, Int32(MSG_WAITALL)) == 8 else { return }
        switch role {
        case .answering(let bytes):
            say(bytes, to: client)
            var more = [UInt8](repeating: 0, count: 4096)
            while case let count = recv(client, &more, more.count, 0), count > 0 {
                let said = Array(more.prefix(count))
                heard.bytes.withLock { $0 += said }
            }
        case .adding(let bytes, let port):
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(server) }
            let isConnected = withLoopback(port: port) { connect(server, $0, $1) == 0 }
            var consent = [UInt8](repeating: 0, count: 1)
            guard isConnected, say(request, to: server), recv(server, &consent, 1, 0) == 1 else { return }
            say(consent + bytes, to: client)
            relay(client, server)
        }
    }

    private static func relay(_ first: Int32, _ second: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var watched = [first, second].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&watched, 2, -1) > 0 {
            for (index, other) in [(0, second), (1, first)] where watched[index].revents != 0 {
                let count = recv(watched[index].fd, &buffer, buffer.count, 0)
                guard count > 0, say(Array(buffer.prefix(count)), to: other) else { return }
            }
        }
    }

    @discardableResult
    private static func say(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private static func withLoopback<R>(
        port: UInt16,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
