import HTTPTypes
import HummingbirdTesting
import ScriptedProvider
import Sessions
import Testing

@testable import SessionServer

@Suite("Where a browser is")
struct AddressTests {
    @Test(
        "Addresses are read strictly, and written in one way",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::1", "::1"), ("fe80::1%eth0", "fe80::1"), ("192.0.2", nil), ("192.0.2.256", nil), ("0300.0.2.1", nil),
            ("192.0.2.1 ", nil), ("192.0.2.1\u{0}", nil), ("[::1]", nil), ("", nil), (":::", nil), ("1::2::3", nil),
            ("localhost", nil), ("１９２.0.2.1", nil), (String(repeating: "1", count: 100_000), nil),
        ]
    )
    func addresses(text: String, expected: String?) {
        #expect(IPAddress(text)?.description == expected)
    }

    @Test(
        "Networks are read strictly",
        arguments: [
            ("10.0.0.0/8", true), ("10.0.0.7", true), ("0.0.0.0/0", true), ("2001:db8::/32", true), ("::1/128", true),
            ("10.0.0.1/8", false), ("10.0.0.0/33", false), ("10.0.0.0/-1", false), ("10.0.0.0/08", false),
            ("10.0.0.0/", false), ("10.0.0.0/8/8", false), ("2001:db8::/129", false), ("::ffff:10.0.0.0/104", false),
            ("", false), ("/8", false), ("proxy.example", false),
        ]
    )
    func networks(text: String, isNetwork: Bool) {
        #expect((AddressBlock(text) != nil) == isNetwork)
    }

    @Test(
        "AD-15 X-Forwarded-For counts from the right, as far as trusted proxies vouch for it",
        arguments: [
            // Nobody vouches for it.
            ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
            ("203.0.113.9", [], "203.0.113.9"),
            ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
            // What the client has made up stands to the left.
            ("10.0.0.1", ["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["10.0.0.9, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", ["1.1.1.1", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", ["garbage, 198.51.100.1"], "198.51.100.1"),
            // All of them are ours.
            ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
            // What can't be read is worth nothing.
            ("10.0.0.1", ["198.51.100.1, garbage"], "10.0.0.1"),
            ("10.0.0.1", ["unknown"], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1,"], "10.0.0.1"),
            ("10.0.0.1", [""], "10.0.0.1"),
            ("10.0.0.1", ["[2001:db8::7"], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1:port"], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1; DROP TABLE sessions"], "10.0.0.1"),
            ("10.0.0.1", [String(repeating: "1", count: 30_000)], "10.0.0.1"),
            ("not an address", ["198.51.100.1"], nil),
        ] as [(String, [String], String?)]
    )
    func forwarded(peer: String, fields: [String], expected: String?) throws {
        let blocks = try ["10.0.0.0/8", "fd00::/8"].map { try #require(AddressBlock($0)) }
        var headers: HTTPFields = [:]
        for field in fields { headers.append(HTTPField(name: .forwardedFor, value: field)) }
        #expect(TrustedProxies(blocks).client(peer: peer, headers)?.description == expected)
    }

    @Test(
        "What is stored of an address is what the setting says",
        arguments: [
            (AddressStorage.full, "192.0.2.77", "192.0.2.77"), (.full, "2001:db8:1:2::3", "2001:db8:1:2::3"),
            (.truncated, "192.0.2.77", "192.0.2.0"), (.truncated, "2001:db8:1:2::3", "2001:db8:1::"),
            (.truncated, "::ffff:192.0.2.77", "192.0.2.0"), (.none, "192.0.2.77", nil),
        ] as [(AddressStorage, String, String?)]
    )
    func storage(storage: AddressStorage, address: String, expected: String?) {
        #expect(storage.stored(IPAddress(address)) == expected)
        #expect(storage.stored(nil) == nil)
    }

    @Test("A login stores the address of the browser behind a trusted proxy, and whose device it is")
    func login() async throws {
        let memory = InMemorySessionStore()
        try await Site.inMemory { options in
            options.memory = memory
            options.settings = { $0.addressStorage = .truncated }
        } _: { site, _ in
            try await site.application.application.test(.live) { client in
                let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
                let browser = Browser(client)
                let answer = try await browser.visitProvider(site.provider)
                let response = try await browser.get(
                    "/callback?" + answer.query,
                    [.userAgent: agent, .forwardedFor: "198.51.100.1"]
                )
                #expect(response.status == .seeOther)
                let id = try #require(browser.cookies[Site.sessionCookie].flatMap { SessionID($0) })
                let session = try #require(try await site.manager.getSession(id))
                #expect(session.ipAddress == "127.0.0.0")
                #expect(session.deviceLabel == "Firefox on Linux")
            }
        }
    }
}
