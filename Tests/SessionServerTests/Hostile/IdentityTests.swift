import LoginFlow
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import Testing

@Suite("Who somebody is")
struct IdentityTests {
    @Test("ID-28 PT-08 an address or a name that somebody else has joins nobody: identity is issuer and subject")
    func sameAddress() async throws {
        let other = ScriptedProvider(issuer: "https://other.example")
        try await Site.run { options in
            options.providers.append(other)
        } _: { site, client in
            let alice = ScriptedUser.alice
            let people: [(ScriptedProvider, ScriptedUser, String)] = [
                (site.provider, alice, "main"),
                // The same verified address and name under another subject, and the same subject at another issuer.
                (site.provider, ScriptedUser(subject: "impostor", claims: alice.claims), "main"),
                (site.provider, ScriptedUser(subject: "Alice-1", claims: alice.claims), "main"),
                (other, alice, "other1"),
            ]
            var browsers: [Browser] = []
            for (provider, user, name) in people {
                let browser = Browser(client)
                try await browser.signIn(provider, as: user, login: "/login?provider=" + name)
                browsers.append(browser)
            }
            for (browser, person) in zip(browsers, people) {
                #expect(try await browser.whoAmI() == person.1.subject)
                let own = UserKey(tenantID: "", issuer: person.0.issuer, subject: person.1.subject)
                #expect(try await site.manager.getUserSessions(own).count == 1)
            }
            // What ends everything of the one leaves the others alone.
            let first = UserKey(tenantID: "", issuer: site.provider.issuer, subject: alice.subject)
            #expect(try await site.manager.invalidateUserSessions(first) == 1)
            let after = try await browsers[0].whoAmI()
            #expect(after == nil)
            for browser in browsers.dropFirst() { #expect(try await browser.whoAmI() != nil) }
        }
    }

    @Test("PR-18 neither a restart nor a second replica begins with a state that was there before")
    func restarts() async throws {
        let memory = InMemorySessionStore()
        var states: Set<String> = []
        for _ in 0..<20 {
            let options = Site.Options()
            let site = try Site(store: memory, options)
            for _ in 0..<5 {
                let state = try await site.flow.begin(NewLogin()).login.state.reveal()
                #expect(states.insert(state).inserted)
            }
        }
        #expect(states.count == 100)
    }
}
