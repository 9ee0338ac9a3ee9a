import SessionStoreConformance
import Sessions
import Testing

@Suite("The in-memory store keeps the contract of stores")
struct InMemoryStoreTests {
    @Test("in memory", arguments: SessionStoreConformance.checks)
    func conforms(_ check: SessionStoreCheck) async throws {
        let time = ManualTime()
        let store = InMemorySessionStore(clock: { time.now })
        try await check.run(StoreUnderTest(store: store) { time.pass($0) })
    }
}
