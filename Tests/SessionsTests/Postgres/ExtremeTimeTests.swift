import Foundation
import Testing

@testable import Sessions

/// What other programs, or wrong clocks, may have left in the table.
@Suite("Times beyond what we write")
struct ExtremeTimeTests {
    @Test(
        "SS-16 a stored end that is far off or infinite is bounded by the lifetimes",
        arguments: ["infinity", "9999-12-31", "2038-01-19 03:14:08+00", "294276-12-31"]
    )
    func farEnd(end: String) async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let id = try await manager.completeLogin(login(), replacing: nil).id
            try await fixture.execute("UPDATE sessions SET expires_at = '\(end)'")
            let session = try #require(try await manager.getSession(id))
            #expect(session.expiresAt == session.lastAccessedAt + 3600)
            try await fixture.pass(.seconds(3601))
            #expect(try await manager.getSession(id) == nil)
        }
    }

    @Test(
        "SS-16 a stored end in the distant past is an end, and is cleaned",
        arguments: ["-infinity", "4713-01-01 BC", "1970-01-01"]
    )
    func farPast(end: String) async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let id = try await manager.completeLogin(login(), replacing: nil).id
            try await fixture.execute("UPDATE sessions SET expires_at = '\(end)'")
            #expect(try await manager.getSession(id) == nil)
            #expect(try await manager.cleanUp().expiredSessions == 1)
        }
    }
}
