import Foundation
import Secrets
import Sessions

let alice = UserKey(tenantID: "acme", issuer: "https://id.example", subject: "alice")

func signedIn(_ user: UserKey = alice) -> SessionAttributes {
    var attributes = SessionAttributes(tenantID: user.tenantID)
    attributes.issuer = user.issuer
    attributes.subject = user.subject
    attributes.accessToken = Secret("access-token")
    attributes.refreshToken = Secret("refresh-token")
    attributes.idToken = Secret("id-token")
    return attributes
}

/// Every attribute set, with what is awkward to store.
func everything() -> SessionAttributes {
    var attributes = signedIn()
    attributes.provider = "example"
    attributes.providerSessionID = "sid-Ω"
    attributes.nonce = Secret("nonce")
    attributes.state = Secret("state\u{80}")
    attributes.codeVerifier = Secret(String(repeating: "v", count: 128))
    attributes.accessToken = Secret(String(repeating: "a", count: 5000))
    attributes.idToken = Secret("")
    attributes.accessTokenExpiresAt = Date(timeIntervalSince1970: 4_102_444_800)
    attributes.userAgent = "Mozilla/5.0 \"quoted\" \\ 'x'"
    attributes.ipAddress = "2001:db8::1"
    attributes.deviceLabel = "Ada’s 🖥"
    attributes.profile = [
        "name": "Ada \"Countess\" Lovelace", "age": 36, "height": 1.65, "verified": true, "nothing": .null,
        "nested": ["list": [1, "two", ["three": 3]]],
    ]
    attributes.roles = ["admin", "Größe"]
    return attributes
}

func newLogin(state: String = "state-of-the-login") -> NewPendingLogin {
    NewPendingLogin(
        state: Secret(state),
        nonce: Secret("nonce-of-the-login"),
        codeVerifier: Secret("verifier-of-the-login"),
        issuer: "https://id.example",
        provider: "example",
        redirectURI: "https://app.example/callback",
        returnTo: "/inbox?folder=1",
        tenantID: "acme"
    )
}

extension StoreUnderTest {
    func create(_ attributes: SessionAttributes) async throws -> Session {
        let session = try await store.create(NewSession(attributes: attributes), replacing: nil, policy: policy)
        return try unwrap(session, "a new session is created")
    }

    func read(_ id: SessionID) async throws -> Session? {
        try await store.session(id, detail: .full, policy: policy)
    }

    func isAlive(_ id: SessionID) async throws -> Bool {
        try await store.session(id, detail: .identity, policy: policy) != nil
    }

    func touch(_ id: SessionID, age: Duration = .zero) async throws -> Int {
        try await store.touch([SessionTouch(id: id, age: age)], policy: policy)
    }

    func clean(_ target: CleanupTarget, limit: Int = 1000) async throws -> [CleanupBatch] {
        let policy = policy
        let batches = try await store.withExclusiveCleaning {
            cleaning async throws(SessionError) -> [CleanupBatch] in
            var batches: [CleanupBatch] = []
            var cursor: CleanupCursor?
            repeat {
                let batch = try await cleaning.clean(target, after: cursor, limit: limit, policy: policy)
                batches.append(batch)
                cursor = batch.next
            } while cursor != nil && batches.count < 1000
            return batches
        }
        return try unwrap(batches, "nobody else is cleaning")
    }

    func count(_ target: CleanupTarget, after earlier: [CleanupTarget] = []) async throws -> CleanupBatch {
        let policy = policy
        let batch = try await store.withExclusiveCleaning { cleaning async throws(SessionError) in
            try await cleaning.count(target, after: earlier, policy: policy)
        }
        return try unwrap(batch, "nobody else is cleaning")
    }
}
