import Foundation
import Glibc
import Synchronization

/// One connection through a ``FaultProxy``: two sockets, a thread for each direction.
final class ProxiedConnection: Sendable {
    /// An answer that a snare waits for.
    private struct Awaited {
        let snare: Snare
        /// The group of messages that it ends: how many ReadyForQuery the server sends before it.
        let group: Int
    }

    private struct State {
        var server: Descriptor?
        var isCut = false
        var awaited: Awaited?
    }

    private let client: Descriptor
    private let proxy: FaultProxy
    private let state = Mutex(State())

    init(client: Descriptor, proxy: FaultProxy) {
        self.client = client
        self.proxy = proxy
    }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "fault-proxy-up"
        thread.start()
    }

    func cut() {
        let server = state.withLock { state in
            state.isCut = true
            return state.server
        }
        client.end()
        server?.end()
    }

    private var isCut: Bool { state.withLock { $0.isCut } }

    private func run() {
        defer { proxy.remove(self) }
        guard passesNow(), let server = proxy.server.connect() else { return cut() }
        state.withLock { $0.server = server }
        if isCut { return cut() }
        let thread = Thread {
            self.pumpAnswers(from: server)
            self.cut()
        }
        thread.name = "fault-proxy-down"
        thread.start()
        pumpRequests(to: server)
        cut()
    }

    /// Waits for the weather; `false` when the connection was cut meanwhile.
    private func passesNow() -> Bool {
        let delay = proxy.weather.delay
        if delay > .zero {
            usleep(
                UInt32(
                    clamping: delay.components.seconds * 1_000_000 + delay.components.attoseconds / 1_000_000_000_000
                )
            )
        }
        while !isCut, proxy.weather.isBlackHole { usleep(2_000) }
        return !isCut
    }

    private func pass(_ bytes: some Sequence<UInt8>, to socket: Descriptor) -> Bool {
        let bytes = Array(bytes)
        guard !bytes.isEmpty else { return true }
        guard passesNow() else { return false }
        guard proxy.weather.slices else { return socket.write(bytes[...]) }
        for index in bytes.indices {
            guard socket.write(bytes[index...index]) else { return false }
            // Gives the reader a chance to see the piece alone.
            sched_yield()
        }
        return true
    }

    /// Does what a snare is for; `false` when the connection is over by that.
    private func suffer(_ snare: Snare) -> Bool {
        guard snare.spring() else { return true }
        switch snare.effect {
        case .cut:
            cut()
            return false
        case .hold:
            while !isCut, !snare.isReleased { usleep(1_000) }
            return !isCut
        }
    }

    // MARK: Requests

    private func pumpRequests(to server: Descriptor) {
        var splitter = MessageSplitter(startsUntyped: true)
        var statements: [String: String] = [:]
        var closedGroups = 0
        while let bytes = client.read() {
            var ready: [UInt8] = []
            for message in splitter.take(bytes) {
                if message.isEncryptionRequest {
                    guard client.write([UInt8(ascii: "N")]) else { return }
                    continue
                }
                if let sql = statement(of: message, &statements), let snare = proxy.snare(for: sql) {
                    guard pass(ready, to: server) else { return }
                    ready = []
                    switch snare.moment {
                    case .beforeRequest:
                        guard suffer(snare) else { return }
                        ready += message.bytes
                    case .insideRequest:
                        let half = message.bytes.count / 2
                        guard pass(message.bytes.prefix(half), to: server), suffer(snare) else { return }
                        ready += message.bytes.dropFirst(half)
                    case .beforeAnswer, .insideAnswer:
                        // The first group is the one of the connection's start.
                        let group = closedGroups + 1
                        state.withLock { $0.awaited = Awaited(snare: snare, group: group) }
                        ready += message.bytes
                    }
                } else {
                    ready += message.bytes
                }
                if message.closesGroup { closedGroups += 1 }
            }
            guard pass(ready, to: server) else { return }
        }
    }

    /// The text of the statement that a message has executed; learns what is prepared under which name.
    private func statement(of message: MessageSplitter.Message, _ statements: inout [String: String]) -> String? {
        switch message.type {
        case UInt8(ascii: "P"):
            let (name, rest) = MessageSplitter.Message.text(message.body)
            statements[name] = MessageSplitter.Message.text(rest).0
            return nil
        case UInt8(ascii: "B"):
            let (_, rest) = MessageSplitter.Message.text(message.body)
            return statements[MessageSplitter.Message.text(rest).0]
        case UInt8(ascii: "Q"):
            return MessageSplitter.Message.text(message.body).0
        default:
            return nil
        }
    }

    // MARK: Answers

    private func pumpAnswers(from server: Descriptor) {
        var splitter = MessageSplitter(startsUntyped: false)
        var group = 0
        var held: [UInt8] = []
        while let bytes = server.read() {
            var ready: [UInt8] = []
            for message in splitter.take(bytes) {
                let snare = state.withLock { state in state.awaited.flatMap { $0.group == group ? $0.snare : nil } }
                if snare != nil { held += message.bytes } else { ready += message.bytes }
                guard message.type == UInt8(ascii: "Z") else { continue }
                group += 1
                guard let snare else { continue }
                // The server has committed: it says so.
                guard pass(ready, to: client) else { return }
                state.withLock { $0.awaited = nil }
                let half = snare.moment == .insideAnswer ? held.count / 2 : 0
                guard pass(held.prefix(half), to: client), suffer(snare) else { return }
                ready = Array(held.dropFirst(half))
                held = []
            }
            guard pass(ready, to: client) else { return }
        }
    }
}

extension MessageSplitter.Message {
    /// Whether the server answers it with ReadyForQuery.
    fileprivate var closesGroup: Bool { type == UInt8(ascii: "S") || type == UInt8(ascii: "Q") }
}
