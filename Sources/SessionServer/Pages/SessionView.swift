import OpenIDConnect
import Sessions

/// What a session shows to whoever holds it: an allow-list of identity and times, never a token (ASVS 10.1.1).
struct SessionView: Sendable {
    let session: Session

    /// The name that a person recognises.
    var displayName: String {
        claim("name") ?? claim("preferred_username") ?? claim("email") ?? session.subject ?? "nobody"
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "authenticated": true,
            "session": .string(session.handle.rawValue),
            "subject": session.subject.map(JSONValue.string) ?? .null,
            "issuer": session.issuer.map(JSONValue.string) ?? .null,
            "provider": session.provider.map(JSONValue.string) ?? .null,
            "tenantId": .string(session.tenantID),
            "roles": .array(session.roles.map(JSONValue.string)),
            "createdAt": .string(Timestamp.iso8601(session.createdAt)),
            "lastAccessedAt": .string(Timestamp.iso8601(session.lastAccessedAt)),
            "expiresAt": .string(Timestamp.iso8601(session.expiresAt)),
        ]
        for (member, name) in [("name", "name"), ("preferredUsername", "preferred_username"), ("email", "email")] {
            members[member] = claim(name).map(JSONValue.string) ?? .null
        }
        members["emailVerified"] = .bool(session.profile["email_verified"]?.boolValue == true)
        return .object(members)
    }

    /// A list of terms for a page.
    var details: HTML {
        let identity: [(String, String?)] = [
            ("Name", claim("name")), ("User name", claim("preferred_username")), ("Email", claim("email")),
            ("Subject", session.subject), ("Provider", session.provider), ("Issuer", session.issuer),
            ("Roles", session.roles.isEmpty ? nil : session.roles.joined(separator: ", ")),
        ]
        let rows = identity.compactMap { term, value -> HTML? in
            value.map { "<dt>\(term)</dt><dd>\($0)</dd>\n" }
        }
        let times: HTML = """
            <dt>Signed in</dt><dd>\(Timestamp.html(session.createdAt))</dd>
            <dt>Last used</dt><dd>\(Timestamp.html(session.lastAccessedAt))</dd>
            <dt>Ends if unused</dt><dd>\(Timestamp.html(session.expiresAt))</dd>
            """
        return "<dl>\n\(rows)\(times)\n</dl>"
    }

    private func claim(_ name: String) -> String? {
        session.profile[name]?.stringValue
    }
}
