import OpenIDConnect
import Sessions

/// What a list shows of a session to its owner: enough to recognise a device.
struct OwnSessionView: Sendable {
    let summary: SessionSummary
    /// Whether it is the session of the browser that asks.
    let isCurrent: Bool

    init(_ summary: SessionSummary, isCurrent: Bool) {
        self.summary = summary
        self.isCurrent = isCurrent
    }

    var device: String { summary.attributes.deviceLabel ?? "Unknown device" }

    var json: JSONValue {
        [
            "handle": .string(summary.handle.rawValue),
            "current": .bool(isCurrent),
            "device": summary.attributes.deviceLabel.map(JSONValue.string) ?? .null,
            "userAgent": summary.attributes.userAgent.map(JSONValue.string) ?? .null,
            "ipAddress": summary.attributes.ipAddress.map(JSONValue.string) ?? .null,
            "createdAt": .string(Timestamp.iso8601(summary.createdAt)),
            "lastAccessedAt": .string(Timestamp.iso8601(summary.lastAccessedAt)),
            "expiresAt": .string(Timestamp.iso8601(summary.expiresAt)),
        ]
    }

    /// An item of the list on the page, with the form that ends the session.
    var item: HTML {
        let mark: HTML = isCurrent ? "<span class=\"tag\">this browser</span>" : ""
        let agent = summary.attributes.userAgent.map { agent -> HTML in "<dt>Browser says</dt><dd>\(agent)</dd>\n" }
        let address = summary.attributes.ipAddress.map { address -> HTML in "<dt>Address</dt><dd>\(address)</dd>\n" }
        let label: HTML = isCurrent ? "Sign out here" : "End this session"
        return """
            <li>
            <h2>\(device)\(mark)</h2>
            <dl>
            <dt>Signed in</dt><dd>\(Timestamp.html(summary.createdAt))</dd>
            <dt>Last used</dt><dd>\(Timestamp.html(summary.lastAccessedAt))</dd>
            \(address ?? "")\(agent ?? "")</dl>
            <form method="post" action="\(Paths.sessions)/\(summary.handle.rawValue)/revoke">\
            <button class="button quiet" type="submit" aria-label="\(label): \(device)">\(label)</button></form>
            </li>

            """
    }
}

extension Page {
    /// Where a user is signed in.
    static func ownSessions(_ views: [OwnSessionView]) -> Page {
        let endOthers: HTML =
            views.count > 1
            ? """
            <form method="post" action="\(Paths.revokeOthers)">\
            <button class="button" type="submit">End all others</button></form>
            """ : ""
        return Page(
            title: "Your sessions",
            body: """
                <p>\(views.count > 1 ? "\(views.count) browsers are signed in." : "Only this browser is signed in.")</p>
                <ul class="sessions">
                \(views.map(\.item))</ul>
                <div class="actions">\(endOthers)<a class="button quiet" href="\(Paths.start)">Start page</a></div>
                """,
            hasForm: true
        )
    }
}
