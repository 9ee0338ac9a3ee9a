public import ServiceLifecycle
import Sessions
import Synchronization

extension TokenRefresher: Service {
    /// Waits for graceful shutdown, then for the refreshes that are under way; those that take longer than
    /// ``RefreshPacing/shutdownLimit`` are cut off, and so are all of them when the task is cancelled.
    ///
    /// One that is cut off is as if the process had died: another replica takes over once the access token has ended.
    public func run() async throws {
        let isGraceful = (try? await gracefulShutdown()) != nil
        let limit = Task {
            if isGraceful { try await clock.sleep(pacing.shutdownLimit) }
            for flight in flights { flight.task.cancel() }
            revoker.giveUp()
        }
        while let flight = flights.first { await flight.task.value }
        // Last: a refresh may leave tokens to take back.
        await revoker.finish()
        limit.cancel()
        _ = await limit.result
    }

    /// Waits for the tokens that are being taken back just now.
    package func finishRevocations() async { await revoker.finish() }

    private var flights: [Flight] { state.withLock { Array($0.flights.values) } }
}
