import Logging

extension PostgresClient {
    private static let listenerBuffer = 1_024

    /// Listens on channels, on a connection of its own that lasts as long as the sequence is iterated.
    ///
    /// Begins with `listening`; after a lost connection come `interrupted` and, when it is back, `listening`. A reader
    /// that falls 1024 events behind loses the oldest and is told the same. Ends when the client is shut down.
    public func notifications(
        on channels: [String]
    ) -> some AsyncSequence<PostgresNotificationEvent, Never> & Sendable {
        let (events, continuation) = AsyncStream<PostgresNotificationEvent>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.listenerBuffer)
        )
        let mailbox = Mailbox()
        do {
            var plan = try plan("listen", try connectionString.get(), .zero)
            plan.listening = ConnectionPlan.Listening(
                channels: channels,
                tell: { event in
                    guard case .dropped = continuation.yield(event) else { return }
                    // Some were lost, and from here on all are heard.
                    continuation.yield(.interrupted)
                    continuation.yield(.listening)
                },
                end: { continuation.finish() }
            )
            continuation.onTermination = { [weak self] _ in
                mailbox.close(.stopped)
                self?.endSatellite(mailbox)
            }
            try startSatellite(mailbox, plan)
        } catch {
            logger.error("Postgres notifications are not available", metadata: ["error": "\(error)"])
            continuation.finish()
        }
        return events
    }
}
