import NIOCore
import NIOPosix

/// A connection that sends bytes as they are.
enum RawConnection {
    /// Sends these bytes, says that no more come, and answers what comes back until the other side closes.
    static func exchange(port: Int, _ bytes: [UInt8]) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var answer = ""
            do {
                try await outbound.write(ByteBuffer(bytes: bytes))
                outbound.finish()
                for try await buffer in inbound { answer += String(buffer: buffer) }
            } catch {
                // A reset is an answer too.
            }
            return answer
        }
    }
}
