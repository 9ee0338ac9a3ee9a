import ArgumentParser
import Foundation
import Sessions

extension SessionsCommand {
    /// `oidc-sessions sessions show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what is known of one session, in whatever state.",
            discussion: """
                EXAMPLES:
                  oidc-sessions sessions show 6ca13d52ca70c883e0f0bb101e425a89
                  oidc-sessions sessions show 6ca13d52ca70c883e0f0bb101e425a89 --json
                """
        )

        @OptionGroup var settings: SettingsOptions

        @Argument(help: "The handle, as lists and the audit trail have it: 32 hexadecimal characters.")
        var handle: SessionHandle

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let loaded = try settings.load(needs: .database)
            let session = try await OneShot(settings: loaded).withManager { try await $0.session(handle) }
            guard let session else { throw ProgramError("\(handle): there is no such session") }
            let line = SessionLine(session)
            if json { return try Terminal.print(json: line) }
            var table = TextTable("", "", uncut: [0])
            for (name, value) in Self.rows(line) { table.add(name, value) }
            Terminal.print(table.next(withHeader: false))
        }

        private static func rows(_ line: SessionLine) -> [(String, String)] {
            var rows = [("handle", line.handle), ("state", line.state)]
            func add(_ name: String, _ value: String?) {
                if let value, !value.isEmpty { rows.append((name, value)) }
            }
            add("subject", line.subject ?? "(nobody is signed in)")
            add("issuer", line.issuer)
            add("provider", line.provider)
            add("tenant", line.tenantID)
            add("created", moment(line.createdAt))
            add("last used", moment(line.lastAccessedAt))
            if let revokedAt = line.revokedAt {
                add("revoked", "\(moment(revokedAt)), \(line.revokedReason ?? "")")
            } else {
                add("ends unless used", moment(line.expiresAt))
            }
            add("device", line.device)
            add("user agent", line.userAgent)
            add("address", line.ipAddress)
            add("roles", line.roles.joined(separator: ", "))
            add("access token", line.accessTokenExpiresAt.map { "ends \(moment($0))" })
            add("refresh token", line.hasRefreshToken ? "yes" : "no")
            add("sealing key", line.sealKeyID)
            return rows
        }

        private static func moment(_ date: Date) -> String {
            "\(date.formatted(.iso8601)) (\(RelativeTime.text(from: date, to: Date())))"
        }
    }
}
