import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Secrets
import Sessions
import Testing

/// What a refresh says about the user.
@Suite("Claims of a refreshed ID token")
struct RefreshClaimTests {
    private static let member = ScriptedUser(
        subject: "alice-1",
        claims: [
            "name": "Alice", "email": "alice@example.org", "email_verified": true, "groups": ["staff", "admins"],
        ]
    )

    @Test("SS-12 PS-17 groups and profile that changed at the provider count from the refresh on")
    func changes() async throws {
        try await RefreshSite.run(as: Self.member) { site async throws in
            #expect(try await site.session()?.roles == ["staff", "admins"])
            site.provider.misbehave(
                .idTokenClaim("groups", ["staff"]),
                .idTokenClaim("name", "Alice B."),
                .idTokenClaim("email", "new@example.org"),
                .idTokenClaim("email_verified", nil)
            )
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            let session = try #require(try await site.session())
            #expect(session.roles == ["staff"])
            #expect(session.profile["name"] == "Alice B.")
            #expect(session.profile["email"] == "new@example.org")
            // Nobody has verified the new address.
            #expect(session.profile["email_verified"] == nil)
        }
    }

    @Test("SS-12 groups that don't come any more are taken away")
    func removal() async throws {
        try await RefreshSite.run(as: Self.member) { site async throws in
            site.provider.misbehave(.idTokenClaim("groups", nil))
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == [])
            #expect(try await site.session()?.profile["groups"] == nil)
            #expect(try await site.session()?.profile["name"] == "Alice")
        }
    }

    @Test("SS-12 an ID token without any claim about the user takes roles that the last one had, and nothing else")
    func bareToken() async throws {
        try await RefreshSite.run(as: Self.member) { site async throws in
            let names = ["name", "email", "email_verified", "groups"]
            site.provider.misbehave(names.map { .idTokenClaim($0, nil) })
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == [])
            #expect(try await site.session()?.profile["groups"] == nil)
            #expect(try await site.session()?.profile["email"] == "alice@example.org")
            #expect(try await site.session()?.profile["email_verified"] == true)
        }
    }

    @Test("SS-12 the last group of a user of whom nothing else is said is taken away too", arguments: [true, false])
    func lastGroup(usesUserInfo: Bool) async throws {
        let member = ScriptedUser(subject: "alice-1", claims: ["groups": ["admins"]])
        try await RefreshSite.run(as: member) {
            $0.configure = { $0.usesUserInfo = usesUserInfo }
        } _: { site async throws in
            #expect(try await site.session()?.roles == ["admins"])
            site.provider.misbehave(.idTokenClaim("groups", nil), .userInfoClaim("groups", nil))
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == [])
        }
    }

    @Test("SS-12 userinfo that answers without the groups takes them away, though no ID token comes")
    func silentUserInfo() async throws {
        try await RefreshSite.run(as: Self.member) {
            $0.configure = { $0.usesUserInfo = true }
        } _: { site async throws in
            site.provider.misbehave(.userInfoClaim("groups", nil), .refreshWithoutIDToken)
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == [])
            #expect(try await site.session()?.profile["name"] == "Alice")
        }
    }

    @Test("A refresh without an ID token, where userinfo isn't asked, says nothing about roles")
    func silence() async throws {
        try await RefreshSite.run(as: Self.member) { site async throws in
            site.provider.misbehave(.refreshWithoutIDToken)
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == ["staff", "admins"])
        }
    }

    @Test(
        "SS-12 while userinfo fails, what the new ID token says otherwise than the last counts",
        arguments: [
            (["staff"], ["staff"]), ([], []), (nil, []), (["staff", "admins"], ["guests"]),
        ] as [([JSONValue]?, [String])]
    )
    func demotionWithoutUserInfo(told: [JSONValue]?, roles: [String]) async throws {
        try await RefreshSite.run(as: Self.member) {
            $0.configure = { $0.usesUserInfo = true }
        } _: { site async throws in
            // Where both have the claim, userinfo's counts.
            site.provider.misbehave(.userInfoClaim("groups", ["guests"]), .userInfoClaim("name", "Alice U."))
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == ["guests"])
            for status in [500, 403] {
                site.provider.misbehave(
                    .answer(.userInfo, .json([:], status: status)),
                    .idTokenClaim("groups", told.map { .array($0) }),
                    .idTokenClaim("email", "new@example.org")
                )
                site.passEnd()
                #expect(try await site.refresh().status == .ok)
                let session = try #require(try await site.session())
                #expect(session.roles == roles)
                // The ID token says what it said before; only userinfo can change what userinfo has said.
                #expect(session.profile["name"] == "Alice U.")
                #expect(session.profile["email"] == "new@example.org")
                #expect(session.profile["email_verified"] == true)
            }
        }
    }

    @Test("Roles that an administrator has set stay until the provider says something new")
    func ownRoles() async throws {
        try await RefreshSite.run(as: Self.member) { site async throws in
            let user = try #require(try await site.session()?.user)
            try await site.site.manager.updateUserRole(user, to: ["banned"])
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == ["banned"])
            site.provider.misbehave(.idTokenClaim("groups", ["owners"]))
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == ["owners"])
        }
    }

    @Test("SS-12 where userinfo is asked at the login, it is asked at the refresh")
    func userInfo() async throws {
        try await RefreshSite.run(as: Self.member) {
            $0.configure = { $0.usesUserInfo = true }
        } _: { site async throws in
            site.provider.misbehave(.userInfoClaim("groups", ["guests"]), .refreshWithoutIDToken)
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == ["guests"])
            // No answer from there costs neither tokens nor roles.
            site.provider.misbehave(.answer(.userInfo, .json([:], status: 500)))
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.roles == ["guests"])
            // Somebody else's is the end.
            site.provider.misbehave(.userInfoClaim("sub", "mallory-1"))
            site.passEnd()
            #expect(try await site.refresh().status == .unauthorized)
            #expect(try await site.session() == nil)
        }
    }

    @Test(
        "RF-01 RF-02 an ID token of another issuer, subject, client or login ends the session",
        arguments: [
            ("iss", "https://other.example"), ("sub", "mallory-1"), ("aud", "other"), ("nonce", "other"),
            ("auth_time", 1_700_000_000),
        ] as [(String, JSONValue)]
    )
    func contradictions(claim: String, value: JSONValue) async throws {
        try await RefreshSite.run { site async throws in
            // The login's own nonce isn't in the first refreshed ID token, and is remembered.
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            site.provider.misbehave(.idTokenClaim(claim, value))
            site.passEnd()
            #expect(try await site.refresh().status == .unauthorized)
            #expect(try await site.session() == nil)
            #expect(site.store.auditTrail.last?.details["reason"] == "refresh_failed")
            #expect(try await site.browser.whoAmI() == nil)
        }
    }

    @Test(
        "RC-04 an ID token that can't be verified gives no token out, and the new refresh token isn't lost",
        arguments: [Misbehaviour.SignatureFault.broken, .empty, .hmacWithClientSecret]
    )
    func unverifiable(fault: Misbehaviour.SignatureFault) async throws {
        try await RefreshSite.run { site async throws in
            let before = try #require(try await site.session())
            site.provider.misbehave(.idTokenSignature(fault))
            site.nearEnd()
            #expect(try await site.refresh().status == .ok)
            let between = try #require(try await site.session())
            #expect(between.accessToken?.reveal() == before.accessToken?.reveal())
            #expect(between.refreshToken?.reveal() != before.refreshToken?.reveal())
            site.provider.misbehave()
            site.clock.advance(by: .seconds(30))
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.accessToken?.reveal() != before.accessToken?.reveal())
            #expect(site.exchanges == 2)
        }
    }
}
