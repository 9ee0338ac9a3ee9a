import Logging
import Migrations
import PostgresPipeline
import ServiceLifecycle
import TestSupport
import Testing

@testable import oidc_sessions

/// ServiceLifecycle logs each service's description at debug.
@Suite("Services in the log")
struct ServiceDescriptionTests {
    private struct Work: Service {
        let setting = "a setting"
        func run() async throws {}
    }

    @Test("A service is named in the log, and nothing that it holds is")
    func named() async throws {
        try await TestDatabase.shared.withClient { client in
            let schema = try SchemaGuard(client: client, migrates: false, logger: TestDatabase.silentLogger)
            #expect(String(describing: schema) == "SchemaGuard")
            #expect(String(describing: AfterSchema(schema: schema, service: Work())) == "AfterSchema<Work>")
        }
    }
}
