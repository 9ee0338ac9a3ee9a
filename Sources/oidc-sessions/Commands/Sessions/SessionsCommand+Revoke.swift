import ArgumentParser
import Sessions

extension SessionsCommand {
    /// `oidc-sessions sessions revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End sessions by their handles: the next request of their browsers is signed out.",
            discussion: """
                EXAMPLES:
                  oidc-sessions sessions revoke 6ca13d52ca70c883e0f0bb101e425a89
                """
        )

        @OptionGroup var settings: SettingsOptions

        @Argument(help: "Handles, as lists have them: 32 hexadecimal characters each.")
        var handle: [SessionHandle]

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let loaded = try settings.load(needs: .database)
            var revoked: [SessionHandle] = []
            var others: [String] = []
            try await OneShot(settings: loaded).withEndingManager { manager in
                for handle in handle {
                    if try await manager.revokeSession(handle, by: .shell) {
                        revoked.append(handle)
                    } else {
                        let state = try await manager.session(handle)?.state
                        others.append("\(handle): " + (state.map { "is \($0.rawValue)" } ?? "there is no such session"))
                    }
                }
            }
            if json {
                try Terminal.print(json: ["revoked": revoked.map(\.rawValue)])
            } else {
                for handle in revoked { Terminal.print("revoked \(handle)") }
            }
            guard others.isEmpty else { throw ProgramError(others.joined(separator: "; ")) }
        }
    }
}
