import HTTPTypes
import HummingbirdTesting
import SessionServer
import TestSupport
import Testing

@Suite("Before the service may be used")
struct AdmissionTests {
    @Test("Nothing is answered but that the process lives, whoever asks and whatever for, until it is open")
    func closed() async throws {
        let isOpen = Switch()
        let site = try Site(store: Site.Options().memory, Site.Options())
        let application = try SessionApplication(
            flow: site.flow,
            settings: site.settings,
            logger: TestDatabase.silentLogger,
            isOpen: { isOpen.isOn }
        )
        try await application.application.test(.router) { client in
            let browser = Browser(client)
            for path in ["/", "/login", "/session", "/health/ready", "/openapi.json", "/nothing"] {
                let response = try await browser.get(path, [.accept: "application/json"])
                #expect(response.status == .serviceUnavailable, "\(path)")
                #expect(response.json["error"] == "unavailable" && response.headers[.retryAfter] == "5", "\(path)")
            }
            #expect(try await Operator.admin(client).get("/api/admin/sessions").status == .serviceUnavailable)
            #expect(try await browser.get("/health/live").status == .ok)
            isOpen.isOn = true
            #expect(try await browser.get("/health/ready").status == .ok)
        }
    }
}
