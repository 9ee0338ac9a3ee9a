import Foundation
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import TestSupport
import Testing

/// `kill -9` of the real program while the provider has a refresh token, or has just given its successor.
@Suite("Sudden death of the program in a refresh")
struct RefreshKillTests {
    enum Moment: String, CaseIterable {
        case tokenIsSent
        case beforeTokensAreStored
        case beforeTokensAreAnswered

        /// Where the statement that stores the new tokens is held.
        var snare: Snare.Moment? {
            switch self {
            case .tokenIsSent: nil
            case .beforeTokensAreStored: .beforeRequest
            case .beforeTokensAreAnswered: .beforeAnswer
            }
        }

        /// Whether what the provider wants to see next time has died with the program.
        var isLost: Bool { self != .beforeTokensAreAnswered }
    }

    private static let nearEnd = """
        UPDATE sessions
        SET token_expires_at = clock_timestamp() + interval '25 seconds', created_at = created_at - interval '1 hour'
        """
    /// However long the machine takes for the next steps: the lease holds, and new tokens are far from their end.
    private static let pause = """
        UPDATE sessions
        SET
            token_expires_at = clock_timestamp()
                + CASE WHEN refresh_lease_until IS NULL THEN interval '1 hour' ELSE interval '25 seconds' END,
            refresh_lease_until = refresh_lease_until + interval '1 hour'
        """
    private static let end = """
        UPDATE sessions
        SET
            token_expires_at = clock_timestamp(), refreshed_at = refreshed_at - interval '1 hour',
            refresh_lease_until = CASE WHEN refresh_lease_until IS NOT NULL THEN clock_timestamp() END
        """
    private static let storing = "refreshed_at = clock_timestamp(), refresh_lease_until = NULL"
    private static let lost = "audit_log WHERE action = 'REVOKE' AND details ->> 'refreshLost' = 'true'"

    @Test(
        "RC-04 RC-12 killed in a refresh: the access token serves its time, then one attempt finds out what was lost",
        arguments: Moment.allCases
    )
    func refresh(moment: Moment) async throws {
        try await FaultDeployment.run { deployment in
            let exchanges = { deployment.provider.requests(to: .token).count }
            func change(_ sql: String) async throws { try await deployment.database.write(PostgresStatement(sql)) }
            try await Browser.withBrowser { browser in
                var cookies: [String: String] = [:]
                try await deployment.serve { process in
                    try await process.signIn(browser)
                    try await change(Self.nearEnd)
                    let snare = moment.snare.map { deployment.proxy.lay(Self.storing, $0, .hold) }
                    let gate = snare == nil ? deployment.provider.hold(.token) : nil
                    // It is answered at once, and refreshed behind the answer's back.
                    #expect(try await process.session(browser) == 200)
                    try await gate?.arrived()
                    try await snare?.sprung()
                    await process.kill()
                    deployment.proxy.cutAll()
                    // What the provider has, it acts on.
                    gate?.open()
                    cookies = browser.cookies(at: process.origin)
                }
                #expect(exchanges() == 2)
                try await change(Self.pause)

                try await deployment.serve { process in
                    for (name, value) in cookies { browser.set(name, value, at: process.origin) }
                    let isHeld = "sessions WHERE refresh_lease_until IS NOT NULL"
                    #expect(try await deployment.count(isHeld) == (moment.isLost ? 1 : 0))
                    for _ in 0..<3 { #expect(try await process.session(browser) == 200) }
                    #expect(exchanges() == 2, "the lease is another's")

                    try await change(Self.end)
                    let url = process.origin + "/session/refresh"
                    let origin = FaultDeployment.publicOrigin
                    let page = try await browser.request(url, form: [:], accept: "application/json", origin: origin)
                    #expect(page.status == (moment.isLost ? 401 : 200), "\(page.body)")
                    #expect(exchanges() == 3)
                    #expect(try await process.session(browser) == (moment.isLost ? 401 : 200))
                    #expect(try await deployment.count(Self.lost) == (moment.isLost ? 1 : 0))
                    #expect(exchanges() == 3)

                    try await Browser.withBrowser { other in
                        try await process.signIn(other)
                        #expect(try await process.session(other) == 200)
                    }
                    #expect(await process.program.terminate() == .code(0))
                }
            }
        }
    }
}
