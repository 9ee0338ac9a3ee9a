import SessionStoreConformance
import Sessions
import Testing

@Suite("The Postgres store keeps the contract of stores", .serialized)
struct PostgresStoreTests {
    @Test("in Postgres", arguments: SessionStoreConformance.checks)
    func conforms(_ check: SessionStoreCheck) async throws {
        try await StoreFixture.with { fixture in
            try await check.run(fixture.underTest)
        }
    }
}
