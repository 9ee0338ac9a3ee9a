import PostgresPipeline
import TestSupport
import Testing

@Suite("Notifications")
struct NotificationTests {
    private static let notify = PostgresStatement(
        "SELECT pg_notify($1, $2), pg_backend_pid()",
        parameters: [.text, .text]
    )
    private static let endListener = PostgresStatement(
        """
        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%LISTEN%' AND pid <> pg_backend_pid()
        """
    )

    @Test("a listener hears its channels, learns of an interruption, and hears again")
    func interruption() async throws {
        try await TestDatabase.shared.withDriver { client in
            let channels = ["plain", "Odd \"name\"; --"]
            var events = client.notifications(on: channels).makeAsyncIterator()
            #expect(await events.next(isolation: nil) == .listening)
            for channel in channels {
                let sent = try #require(
                    try await client.write(Self.notify, [.text(channel), .text("größe")]).first
                )
                let pid = try sent.int4(1)
                let heard = await events.next(isolation: nil)
                #expect(heard == .notification(channel: channel, payload: "größe", pid: pid))
            }
            try await client.write(Self.notify, [.text("other"), .text("not heard")])
            let ended = try await client.write(Self.endListener)
            #expect(ended.rowCount == 1)
            #expect(await events.next(isolation: nil) == .interrupted)
            #expect(await events.next(isolation: nil) == .listening)
            try await client.write(Self.notify, [.text("plain"), .text("")])
            guard case .notification("plain", "", _) = await events.next(isolation: nil) else {
                Issue.record("the notification after the interruption was not heard")
                return
            }
        }
    }

    @Test("a listener that falls behind is told that it missed something")
    func slowListener() async throws {
        try await TestDatabase.shared.withDriver { client in
            var events = client.notifications(on: ["busy"]).makeAsyncIterator()
            #expect(await events.next(isolation: nil) == .listening)
            let flood = PostgresStatement("SELECT pg_notify('busy', n::text) FROM generate_series(1, 3000) AS n")
            try await client.write(flood)
            try await client.write(Self.notify, [.text("busy"), .text("last")])
            var heard = 0
            var wasInterrupted = false
            var isListening = true
            while let event = await events.next(isolation: nil) {
                switch event {
                case .notification(_, "last", _): break
                case .notification: heard += 1
                case .listening: isListening = true
                case .interrupted:
                    wasInterrupted = true
                    isListening = false
                }
                if case .notification(_, "last", _) = event { break }
            }
            #expect(heard == 3_000 || wasInterrupted)
            // Whoever relies on what he hears only between these two would otherwise never do so again.
            #expect(isListening)
        }
    }

    @Test("a listener ends when its client is shut down")
    func end() async throws {
        let events = try await TestDatabase.shared.withDriver { client in
            client.notifications(on: ["x"])
        }
        var count = 0
        for await _ in events { count += 1 }
        #expect(count <= 1)
    }
}
