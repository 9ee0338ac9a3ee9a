import LoginFlow
import Testing

@testable import SessionServer

@Suite("What the log learns of an error")
struct ServerErrorTests {
    /// As errors of other modules are: its words may have anything in them.
    private struct Talkative: Error, CustomStringConvertible {
        let description = "MARKED-secret"
    }

    @Test("AD-12 an error that isn't ours reaches the log by its type, and one of ours without its cause")
    func loggedCause() {
        #expect(ServerError.describing(Talkative()).loggedCause == "Talkative")
        let ours = LoginError(.failed, "it failed", underlying: Talkative())
        #expect(ServerError.describing(ours).loggedCause == "internal_error: it failed")
    }
}
