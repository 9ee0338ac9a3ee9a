import Foundation
import Glibc

/// Where a Postgres listens, out of its libpq URI.
enum SocketAddress: Sendable {
    case file(String)
    case loopback(UInt16)

    init(uri: String) throws {
        guard let components = URLComponents(string: uri) else { throw FaultError("not a URI") }
        let items = components.queryItems ?? []
        if let directory = items.first(where: { $0.name == "host" })?.value {
            let port = items.first { $0.name == "port" }?.value ?? "5432"
            self = .file("\(directory)/.s.PGSQL.\(port)")
        } else if let port = components.port, let number = UInt16(exactly: port) {
            self = .loopback(number)
        } else {
            throw FaultError("no socket and no port in the URI")
        }
    }

    /// A listener at this address; the port 0 takes a free one, which is in the answer.
    func listen() throws -> (Descriptor, SocketAddress) {
        let descriptor = makeSocket()
        guard withAddress({ bind(descriptor.number, $0, $1) == 0 }), Glibc.listen(descriptor.number, 128) == 0 else {
            throw FaultError("cannot listen: \(String(cString: strerror(errno)))")
        }
        guard case .loopback = self else { return (descriptor, self) }
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor.number, $0, &length) == 0
            }
        }
        guard isKnown else { throw FaultError("cannot tell the port") }
        return (descriptor, .loopback(UInt16(bigEndian: bound.sin_port)))
    }

    /// A connection to this address; nil when nobody listens.
    func connect() -> Descriptor? {
        let descriptor = makeSocket()
        return withAddress { Glibc.connect(descriptor.number, $0, $1) == 0 } ? descriptor : nil
    }

    private func makeSocket() -> Descriptor {
        switch self {
        case .file: return Descriptor(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        case .loopback:
            let descriptor = Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
            descriptor.sendAtOnce()
            return descriptor
        }
    }

    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        switch self {
        case .loopback(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
            return Self.pass(&address, body)
        case .file(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // unix(7): 108 bytes with the terminator.
            guard path.utf8.count < 108 else { return false }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            return Self.pass(&address, body)
        }
    }

    private static func pass<Address>(
        _ address: inout Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

extension Descriptor {
    /// Sends small pieces as they are; does nothing to a socket that isn't TCP.
    func sendAtOnce() {
        var one: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }
}
