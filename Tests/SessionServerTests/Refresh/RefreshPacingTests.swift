import LoginFlow
import Testing

@Suite("How long a refresh holds on")
struct RefreshPacingTests {
    @Test("RC-04 nobody takes a lease over whose holder may still store the new tokens, though the database was away")
    func leaseOutlastsWriting() {
        let pacing = RefreshPacing()
        // The last renewal was a third of the lease ago when the database went away.
        #expect(pacing.writeLimit < pacing.leaseDuration * 2 / 3)
    }

    @Test("RO-02 refreshes in the background leave the transport's connections to logins")
    func background() {
        #expect(RefreshPacing().maximumInBackground <= 8)
    }
}
