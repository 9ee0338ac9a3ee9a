import Secrets
import Sessions

extension SessionStoreConformance {
    static let creation: [SessionStoreCheck] = [
        SessionStoreCheck("a created session is read back with every attribute") { subject in
            let created = try await subject.create(everything())
            let read = try unwrap(try await subject.read(created.id), "it is alive")
            for session in [created, read] {
                try expectSame(session.attributes, everything())
                try expect(session.detail == .full, "it was read in full")
            }
            try expect(created.createdAt == read.createdAt, "the time of creation is the store's")
            try expect(read.createdAt == read.lastAccessedAt, "it was last used when it was created")
            try expect(read.readAt >= read.createdAt, "time doesn't go backwards")
        },
        SessionStoreCheck("an identity read leaves the secrets out") { subject in
            let id = try await subject.create(everything()).id
            let read = try await subject.store.session(id, detail: .identity, policy: subject.policy)
            let session = try unwrap(read, "it is alive")
            try expect(session.detail == .identity, "it says that it isn't whole")
            try expect(session.subject == "alice" && session.roles == everything().roles, "it says who it is")
            let secrets = [
                session.nonce, session.state, session.codeVerifier, session.accessToken, session.refreshToken,
                session.idToken,
            ]
            try expect(secrets.allSatisfy { $0 == nil }, "it has no secrets")
        },
        SessionStoreCheck("an id that was never issued is no session") { subject in
            _ = try await subject.create(signedIn())
            try expect(try await subject.read(SessionID()) == nil, "a guess finds nothing")
        },
        SessionStoreCheck("an id can't be created twice") { subject in
            let session = try await subject.create(signedIn())
            try await expectRefusal("the second creation fails") {
                let again = NewSession(id: session.id, attributes: SessionAttributes())
                _ = try await subject.store.create(again, replacing: nil, policy: subject.policy)
            }
            try expect(try await subject.read(session.id)?.subject == "alice", "the first one is untouched")
        },
    ]
}

func expectSame(
    _ left: SessionAttributes,
    _ right: SessionAttributes,
    file: StaticString = #fileID,
    line: UInt = #line
) throws {
    let texts: [(String, String?, String?)] = [
        ("tenantID", left.tenantID, right.tenantID), ("issuer", left.issuer, right.issuer),
        ("provider", left.provider, right.provider), ("subject", left.subject, right.subject),
        ("providerSessionID", left.providerSessionID, right.providerSessionID),
        ("nonce", left.nonce?.reveal(), right.nonce?.reveal()), ("state", left.state?.reveal(), right.state?.reveal()),
        ("codeVerifier", left.codeVerifier?.reveal(), right.codeVerifier?.reveal()),
        ("accessToken", left.accessToken?.reveal(), right.accessToken?.reveal()),
        ("refreshToken", left.refreshToken?.reveal(), right.refreshToken?.reveal()),
        ("idToken", left.idToken?.reveal(), right.idToken?.reveal()),
        ("userAgent", left.userAgent, right.userAgent), ("ipAddress", left.ipAddress, right.ipAddress),
        ("deviceLabel", left.deviceLabel, right.deviceLabel),
    ]
    for (name, left, right) in texts {
        try expect(left == right, "\(name) is kept", file: file, line: line)
    }
    let dates = left.accessTokenExpiresAt == right.accessTokenExpiresAt
    try expect(dates, "accessTokenExpiresAt is kept", file: file, line: line)
    try expect(left.profile == right.profile, "profile is kept", file: file, line: line)
    try expect(left.roles == right.roles, "roles are kept", file: file, line: line)
}
