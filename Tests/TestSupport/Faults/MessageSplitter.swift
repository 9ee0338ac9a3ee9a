/// Cuts one direction of a Postgres connection into messages.
///
/// Source: PostgreSQL documentation, "Message Formats".
struct MessageSplitter {
    struct Message {
        /// The type byte; nil for what a client sends first, which has none.
        let type: UInt8?
        let bytes: [UInt8]

        /// What follows type and length.
        var body: ArraySlice<UInt8> { bytes.dropFirst(type == nil ? 4 : 5) }

        /// The C string at the body's start, and what is behind it.
        static func text(_ bytes: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>) {
            let text = bytes.prefix { $0 != 0 }
            return (String(decoding: text, as: UTF8.self), bytes.dropFirst(text.count + 1))
        }
    }

    private var buffer: [UInt8] = []
    private var isStarting: Bool

    /// - Parameter startsUntyped: whether the first message has no type byte, as from a client.
    init(startsUntyped: Bool) {
        isStarting = startsUntyped
    }

    /// Takes bytes and answers the messages that are complete now.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [Message] {
        buffer += bytes
        var messages: [Message] = []
        while let message = next() { messages.append(message) }
        return messages
    }

    private mutating func next() -> Message? {
        let header = isStarting ? 0 : 1
        guard buffer.count >= header + 4 else { return nil }
        let size = header + Int(Self.number(buffer[header..<header + 4]))
        guard size >= header + 4, buffer.count >= size else { return nil }
        let message = Message(type: isStarting ? nil : buffer[0], bytes: Array(buffer.prefix(size)))
        buffer.removeFirst(size)
        if isStarting { isStarting = message.isEncryptionRequest }
        return message
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension MessageSplitter.Message {
    /// Whether a client asks for TLS or GSSAPI, which a proxy that reads along says no to.
    var isEncryptionRequest: Bool {
        type == nil && bytes.count == 8
            && [80_877_103, 80_877_104].contains(MessageSplitter.number(bytes[4..<8]))
    }
}
