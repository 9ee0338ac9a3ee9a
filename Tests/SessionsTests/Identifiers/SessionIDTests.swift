import Secrets
import Sessions
import Testing

@Suite("Ids")
struct SessionIDTests {
    private static let malformed = [
        "", "a", String(repeating: "A", count: 42), String(repeating: "A", count: 44),
        String(repeating: "A", count: 42) + "=", String(repeating: "A", count: 42) + "+",
        String(repeating: "A", count: 42) + "'", String(repeating: "A", count: 42) + "\0",
        String(repeating: "%00", count: 14) + "A", String(repeating: "é", count: 43),
        // Two bits that no encoder sets: another spelling of the same bytes.
        String(repeating: "A", count: 42) + "B",
        String(repeating: "A", count: 1_000_000),
    ]

    @Test("SS-03 what isn't 43 characters of canonical base64url is no id", arguments: malformed)
    func refusesMalformed(_ text: String) {
        #expect(SessionID(text) == nil)
        #expect(PendingLoginID(text) == nil)
    }

    @Test("SS-03 documented ids are cookie octets of a bounded length")
    func documentedIDs() {
        #expect(SessionID(documented: "6f1e1c1a-98f5-4a3c-8a56-7b1f0c6b0d11") != nil)
        let long = "sixteen-letters-"
        for text in ["", "a b", "a;b", "a\"b", "a,b", "a\\b", "a\0", "ü", String(repeating: "a", count: 256)] {
            #expect(SessionID(documented: text) == nil)
            #expect(SessionID(documented: long + text) == nil || text.isEmpty)
        }
        #expect(SessionID(documented: long) != nil)
        #expect(SessionID(documented: String(long.dropLast())) == nil, "who has short ones can guess the next")
    }

    @Test("SS-03 an id that is no secret is a session's name that no cookie can present")
    func unsecret() throws {
        for text in ["7", "clq1a2b3c0000abcd", "6f1e1c1a-98f5-4a3c-8a56-7b1f0c6b0d11"] {
            let named = try #require(SessionID(unsecret: text))
            #expect(named == SessionID(unsecret: text))
            #expect(named != SessionID(documented: text))
            // The one text that has its digest.
            #expect(SessionID(documented: named.value.reveal()) == nil)
            #expect(SessionID(named.value.reveal()) == nil)
        }
        for text in ["", "a b", "a\0", String(repeating: "a", count: 256)] {
            #expect(SessionID(unsecret: text) == nil)
        }
    }

    @Test("PS-14 ids are random, and survive their cookie")
    func roundTrip() throws {
        let ids = Set((0..<1000).map { _ in SessionID() })
        #expect(ids.count == 1000)
        let id = SessionID()
        #expect(id.value.reveal().utf8.count == 43)
        #expect(try #require(SessionID(id.value.reveal())) == id)
        let login = PendingLoginID()
        #expect(try #require(PendingLoginID(login.value.reveal())) == login)
    }

    @Test("SS-14 the same text names different rows as a session and as a login")
    func domains() throws {
        let text = SessionID().value.reveal()
        let session = try #require(SessionID(text))
        let login = try #require(PendingLoginID(text))
        #expect(session.rowKey != login.rowKey)
        #expect(session.digest != login.digest)
    }

    @Test("a handle is neither the id nor a way to it")
    func handle() throws {
        let id = SessionID()
        #expect(SessionID(id.handle.rawValue) == nil)
        #expect(SessionHandle(id.handle.rawValue) == id.handle)
        for text in [
            "", "x", id.handle.rawValue.uppercased() + "G", id.handle.rawValue + "0", id.handle.rawValue + "'",
        ] {
            #expect(SessionHandle(text) == nil)
        }
    }

    @Test("ids don't print themselves")
    func redaction() {
        let session = SessionID()
        let login = PendingLoginID()
        var text = "\(session) \(login) \(String(reflecting: session)) \(String(reflecting: login)) \([session])"
        dump(session, to: &text)
        dump(login, to: &text)
        dump([session: login], to: &text)
        #expect(!text.contains(session.value.reveal()))
        #expect(!text.contains(login.value.reveal()))
        #expect(!text.contains(session.rowKey))
    }
}
