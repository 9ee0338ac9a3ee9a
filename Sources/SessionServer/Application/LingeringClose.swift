import NIOCore

/// Reads past what a client still sends after its last answer, so that the answer reaches it (RFC 9112 section 9.6).
///
/// A socket that is closed with bytes unread resets the connection, and the reset may take an answer away that has arrived
/// and isn't read yet: who sends a body that is too large would never see the 413. Once this side has closed its half,
/// whatever still comes is thrown away here, before the parser, until the client closes or a bound is reached.
final class LingeringClose: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = Any
    typealias OutboundOut = Any

    private enum State {
        case open
        /// Without an end while the answer is still being handed over, which takes a slow client as long as it takes.
        case lingering(bytesLeft: Int, end: Scheduled<Void>?)
        case closed
    }

    private let bounds: LingeringBounds
    private let places: LingeringPlaces
    private var state = State.open

    init(_ bounds: LingeringBounds, places: LingeringPlaces) {
        self.bounds = bounds
        self.places = places
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch (state, mode) {
        case (.open, .output):
            // Done when everything that was written before is handed over.
            let half = promise ?? context.eventLoop.makePromise()
            guard places.take() else {
                // In a flood nothing else is waited for.
                state = .closed
                let channel = context.channel
                half.futureResult.whenComplete { _ in channel.close(promise: nil) }
                return context.close(mode: mode, promise: half)
            }
            state = .lingering(bytesLeft: bounds.bytes, end: nil)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            half.futureResult.whenComplete { _ in
                let (handler, context) = bound.value
                handler.answered(context)
            }
            context.close(mode: mode, promise: half)
            // Nobody behind this asks for more.
            context.read()
        case (.lingering(_, .some), .all):
            // A shutdown, or a deadline, finds a connection that is about to end.
            context.channel.closeFuture.cascade(to: promise)
        case (.lingering, .input):
            finish(context)
            promise?.succeed()
        default:
            context.close(mode: mode, promise: promise)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .lingering(let bytesLeft, let end) = state else { return context.fireChannelRead(data) }
        let rest = bytesLeft - unwrapInboundIn(data).readableBytes
        state = .lingering(bytesLeft: rest, end: end)
        if rest < 0 { finish(context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard case .lingering = state else { return context.fireChannelReadComplete() }
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .lingering = state, event as? ChannelEvent == .inputClosed { return finish(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    private func answered(_ context: ChannelHandlerContext) {
        guard case .lingering(let bytesLeft, .none) = state else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let end = context.eventLoop.scheduleTask(in: TimeAmount(bounds.duration)) {
            let (handler, context) = bound.value
            handler.finish(context)
        }
        state = .lingering(bytesLeft: bytesLeft, end: end)
    }

    private func finish(_ context: ChannelHandlerContext) {
        leave()
        context.close(mode: .all, promise: nil)
    }

    private func leave() {
        if case .lingering(_, let end) = state {
            end?.cancel()
            places.giveBack()
        }
        state = .closed
    }
}
