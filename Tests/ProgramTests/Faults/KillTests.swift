import Foundation
import Glibc
import PrivatePostgres
import ScriptedProvider
import TestSupport
import Testing

/// `kill -9` of the real program at each step of a login.
///
/// What it waits for is held, by the wire to the database or by the provider, so that where it is killed is known.
@Suite("Sudden death of the program")
struct KillTests {
    enum Moment: String, CaseIterable {
        case beforeLoginIsStored
        case beforeLoginIsAnswered
        case beforeLoginIsTaken
        case beforeCodeIsSent
        case codeIsSent
        case beforeSessionIsStored
        case beforeCookieIsSent
        case afterCookieIsSent

        /// The statement that is held, and where.
        var snare: (statement: String, moment: Snare.Moment)? {
            switch self {
            case .beforeLoginIsStored: ("'login', $2, $3", .beforeRequest)
            case .beforeLoginIsAnswered: ("'login', $2, $3", .beforeAnswer)
            case .beforeLoginIsTaken: ("kind = 'login' AND state = $2", .beforeRequest)
            case .beforeCodeIsSent: ("kind = 'login' AND state = $2", .beforeAnswer)
            case .beforeSessionIsStored: ("FROM session_create(", .beforeRequest)
            case .beforeCookieIsSent: ("FROM session_create(", .beforeAnswer)
            case .codeIsSent, .afterCookieIsSent: nil
            }
        }
    }

    @Test(
        "RC-01 RC-02 RC-12 killed at any step of a login: nobody is let in, nothing is lost, no code is sent twice"
    )
    func login() async throws {
        try await FaultDeployment.run { deployment in
            for moment in Moment.allCases {
                let before = try await deployment.count("sessions WHERE kind = 'session'")
                let pending = try await deployment.count("sessions WHERE kind = 'login'")
                deployment.provider.forgetRequests()
                try await Browser.withBrowser { browser in
                    var callback: String?
                    var cookies: [String: String] = [:]
                    try await deployment.serve { process in
                        callback = try await reach(moment, deployment, process, browser)
                        await process.kill()
                        deployment.proxy.cutAll()
                        cookies = browser.cookies(at: process.origin)
                    }
                    try await deployment.serve { process in
                        // Another port; browsers are told of one origin, as behind a proxy.
                        for (name, value) in cookies { browser.set(name, value, at: process.origin) }
                        let exchanges = { deployment.provider.requests(to: .token).count }
                        let sessions = try await deployment.count("sessions WHERE kind = 'session'") - before
                        let logins = try await deployment.count("sessions WHERE kind = 'login'") - pending
                        #expect(try await deployment.count("sessions WHERE kind = 'session' AND sub IS NULL") == 0)
                        // The browser tries again what it got no answer to.
                        let origin = process.origin
                        let again = callback == nil ? nil : try await browser.request(origin + (callback ?? ""))
                        switch moment {
                        case .beforeLoginIsStored, .beforeLoginIsAnswered:
                            #expect(logins == (moment == .beforeLoginIsStored ? 0 : 1))
                            #expect(browser.cookies(at: process.origin).isEmpty)
                        case .beforeLoginIsTaken:
                            #expect(again?.status == 303)
                            #expect(exchanges() == 1)
                            #expect(try await process.session(browser) == 200)
                        case .beforeCodeIsSent:
                            #expect(again?.status == 400)
                            #expect(exchanges() == 0 && sessions == 0 && logins == 0)
                        case .codeIsSent, .beforeSessionIsStored:
                            #expect(again?.status == 400)
                            #expect(exchanges() == 1 && sessions == 0 && logins == 0)
                        case .beforeCookieIsSent:
                            // Nobody has its id: it ends with its idle lifetime.
                            #expect(again?.status == 400)
                            #expect(exchanges() == 1 && sessions == 1)
                            #expect(try await process.session(browser) == 401)
                        case .afterCookieIsSent:
                            #expect(exchanges() == 1 && sessions == 1)
                            #expect(try await process.session(browser) == 200)
                        }
                        try await Browser.withBrowser { other in
                            try await process.signIn(other)
                            #expect(try await process.session(other) == 200, "\(moment)")
                        }
                        #expect(await process.program.terminate() == .code(0))
                    }
                }
            }
        }
    }

    /// Goes on with a login until the program stands still at this moment.
    ///
    /// - Returns: the callback that the browser got no answer to.
    private func reach(
        _ moment: Moment,
        _ deployment: FaultDeployment,
        _ process: FaultProcess,
        _ browser: Browser
    ) async throws -> String? {
        let isAtStart = moment == .beforeLoginIsStored || moment == .beforeLoginIsAnswered
        let callback = isAtStart ? nil : try await process.visit(browser)
        if moment == .afterCookieIsSent {
            #expect(try await browser.request(process.origin + (callback ?? "")).status == 303)
            return nil
        }
        let snare = moment.snare.map { deployment.proxy.lay($0.statement, $0.moment, .hold) }
        let gate = moment == .codeIsSent ? deployment.provider.hold(.token) : nil
        let port = try #require(UInt16(process.origin.split(separator: ":").last ?? ""))
        // Nobody waits for an answer that never comes.
        let cookies = browser.cookies(at: process.origin)
        let connection = try RawRequest.send(path: callback ?? "/login", cookies: cookies, port: port)
        defer { connection.end() }
        if let gate { try await gate.arrived() }
        try await snare?.sprung()
        gate?.open()
        return callback
    }
}
