import Glibc
import Testing

/// A request whose answer nobody reads.
struct RawRequest {
    private let descriptor: Int32

    static func send(path: String, cookies: [String: String], port: UInt16) throws -> RawRequest {
        let request = RawRequest(descriptor: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(request.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isConnected)
        let cookie = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        let text = "GET \(path) HTTP/1.1\r\nHost: app.example\r\nCookie: \(cookie)\r\nConnection: close\r\n\r\n"
        let sent = Array(text.utf8).withUnsafeBytes { write(request.descriptor, $0.baseAddress, $0.count) }
        try #require(sent == text.utf8.count)
        return request
    }

    func end() {
        close(descriptor)
    }
}
