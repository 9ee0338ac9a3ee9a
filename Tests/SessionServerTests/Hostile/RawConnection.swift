import NIOCore
import NIOPosix

/// A connection that sends bytes as they are.
enum RawConnection {
    /// Sends these bytes, says that no more come, and answers what comes back until the other side closes.
    ///
    /// - Parameter endsSending: false leaves open whether more comes.
    static func exchange(port: Int, _ bytes: [UInt8], endsSending: Bool = true) async throws -> String {
        let channel = try await connect(port: port)
        return try await channel.executeThenClose { inbound, outbound in
            var answer = ""
            do {
                try await outbound.write(ByteBuffer(bytes: bytes))
                if endsSending { outbound.finish() }
                for try await buffer in inbound { answer += String(buffer: buffer) }
            } catch {
                // A reset is an answer too.
            }
            return answer
        }
    }

    /// Sends a head, waits for an answer that ends with an empty line, sends a body, and answers all that came.
    static func exchange(port: Int, head: String, body: String) async throws -> String {
        let channel = try await connect(port: port)
        return try await channel.executeThenClose { inbound, outbound in
            var answer = ""
            try await outbound.write(ByteBuffer(string: head))
            var isBodySent = false
            for try await buffer in inbound {
                answer += String(buffer: buffer)
                if !isBodySent, answer.hasSuffix("\r\n\r\n") {
                    try await outbound.write(ByteBuffer(string: body))
                    outbound.finish()
                    isBodySent = true
                }
            }
            return answer
        }
    }

    /// Sends a piece again and again until the other side closes; how many were taken.
    static func drip(
        port: Int,
        _ start: String,
        then piece: String,
        every pause: Duration,
        atMost: Int
    ) async throws -> Int {
        let channel = try await connect(port: port)
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: start))
            return await withTaskGroup(of: Int.self) { group in
                group.addTask {
                    var sent = 0
                    while sent < atMost, !Task.isCancelled {
                        guard (try? await outbound.write(ByteBuffer(string: piece))) != nil else { break }
                        sent += 1
                        try? await Task.sleep(for: pause)
                    }
                    return sent
                }
                // Ends when the other side closes.
                do { for try await _ in inbound {} } catch {}
                group.cancelAll()
                return await group.next() ?? 0
            }
        }
    }

    private static func connect(port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
    }
}
