import Glibc
import NIOCore
import NIOPosix

/// A client that reads nothing before it has sent everything, as simple ones do.
enum BlockingClient {
    struct Outcome: Sendable {
        /// How many bytes were taken.
        var sent = 0
        /// Why no more were; nil when all were.
        var error: Int32?
        var answer = ""
    }

    private static let seconds = 60

    /// Sends a beginning and then a piece so many times; reads what is there to read afterwards.
    static func exchange(port: Int, _ start: String, then piece: [UInt8], times: Int) async throws -> Outcome {
        // Not on the pool that everything else runs on: it waits in the calls.
        try await NIOThreadPool.singleton.runIfActive {
            var outcome = Outcome()
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            var limit = timeval(tv_sec: seconds, tv_usec: 0)
            for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                setsockopt(socket, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
            }
            guard connect(socket, to: port) else { throw IOError(errnoCode: errno, reason: "connect") }
            send(Array(start.utf8), to: socket, &outcome)
            for _ in 0..<times where outcome.error == nil { send(piece, to: socket, &outcome) }
            shutdown(socket, Int32(SHUT_WR))
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(socket, &buffer, buffer.count, 0)
                guard count > 0 else { return outcome }
                outcome.answer += String(decoding: buffer[..<count], as: UTF8.self)
            }
        }
    }

    private static func connect(_ socket: Int32, to port: Int) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func send(_ bytes: [UInt8], to socket: Int32, _ outcome: inout Outcome) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else {
                outcome.error = errno
                return
            }
            outcome.sent += count
            rest = rest.dropFirst(count)
        }
    }
}
