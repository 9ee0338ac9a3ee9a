import HTTPTypes
import HummingbirdTesting
import ScriptedProvider
import Sessions
import Synchronization
import Testing

@testable import SessionServer

@Suite("Logins from one address")
struct LoginLimiterTests {
    private static let start = Duration.seconds(86_400)

    /// How many of so many attempts are let through.
    private static func admitted(_ rates: inout AddressRates, _ addresses: [String], at now: Duration) throws -> Int {
        try addresses.reduce(0) { count, text in
            let address = try #require(IPAddress(text))
            return count + (rates.admit(address, at: now) == nil ? 1 : 0)
        }
    }

    @Test("RV-01 an address gets its minute's worth at once, then one at a time, and others aren't touched")
    func pace() throws {
        var rates = AddressRates(perMinute: 30, maximumAddresses: 100)
        let flood = Array(repeating: "192.0.2.1", count: 100)
        #expect(try Self.admitted(&rates, flood, at: Self.start) == 30)
        #expect(try Self.admitted(&rates, flood, at: Self.start) == 0)
        #expect(try Self.admitted(&rates, ["192.0.2.2"], at: Self.start) == 1)
        let address = try #require(IPAddress("192.0.2.1"))
        #expect(rates.admit(address, at: Self.start + .milliseconds(500)) == .milliseconds(1500))
        #expect(try Self.admitted(&rates, flood, at: Self.start + .seconds(2)) == 1)
        #expect(try Self.admitted(&rates, flood, at: Self.start + .seconds(61)) == 29)
        #expect(try Self.admitted(&rates, flood, at: Self.start + .seconds(600)) == 30)
        // In no stretch of time more than a minute's worth at once and what came due in it.
        var total = 0
        for second in 0..<300 {
            total += try Self.admitted(&rates, flood, at: Self.start + .seconds(1000 + second))
        }
        #expect(total == 30 + 299 / 2)
    }

    @Test("PD-14 AD-15 all of an IPv6 network of 64 bits is one address, and an address in IPv6's clothes is itself")
    func networks() throws {
        var rates = AddressRates(perMinute: 2, maximumAddresses: 100)
        let network = (0..<50).map { "2001:db8:0:1:\(String($0, radix: 16))::7" }
        #expect(try Self.admitted(&rates, network, at: Self.start) == 2)
        #expect(try Self.admitted(&rates, ["2001:db8:0:2::7"], at: Self.start) == 1)
        #expect(try Self.admitted(&rates, ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"], at: Self.start) == 2)
        // The same bits in the other family.
        #expect(try Self.admitted(&rates, ["0:0:c000:201::"], at: Self.start) == 1)
    }

    @Test("RV-01 however many addresses come, a bounded number is kept")
    func memory() throws {
        var rates = AddressRates(perMinute: 2, maximumAddresses: 100)
        for number in 0..<10_000 {
            let address = "10.\(number / 62_500).\(number / 250 % 250).\(number % 250)"
            #expect(try Self.admitted(&rates, [address], at: Self.start) == 1)
        }
        #expect(rates.count <= 200)
    }

    @Test("RV-01 PD-13 beyond its limit an address gets 429 and makes no login, and everybody else signs in")
    func flood() async throws {
        let time = Mutex(Duration.seconds(5))
        let limiter = LoginLimiter(perMinute: 5) { time.withLock { $0 } }
        let network = try #require(AddressBlock("127.0.0.0/8"))
        try await Site.inMemory {
            $0.settings = {
                $0.trustedProxies = TrustedProxies([network])
                $0.loginLimiter = limiter
                $0.allowsThirdPartyLogin = true
            }
        } _: { site, _ in
            try await site.application.application.test(.live) { client in
                let attacker: HTTPFields = [.forwardedFor: "127.0.0.9, 2001:db8::1"]
                let neighbour: HTTPFields = [.forwardedFor: "2001:db8::ffff"]
                for _ in 0..<5 { #expect(try await Browser(client).get("/login", attacker).status == .seeOther) }
                let started = try await site.manager.getSessionStats().pendingLogins
                #expect(started == 5)
                let page = try await Browser(client).get("/login?return_to=/a", neighbour)
                #expect(page.status == .tooManyRequests && page.headers[.retryAfter] == "12")
                #expect(page.cookies.isEmpty && page.text.contains("return_to="))
                let json = try await Browser(client, accept: "application/json").get("/login", attacker)
                #expect(json.status == .tooManyRequests && json.json["error"] == "too_many_requests")
                let link = "/login/initiate?iss=\(site.provider.issuer)"
                #expect(try await Browser(client).get(link, attacker).status == .tooManyRequests)
                #expect(try await site.manager.getSessionStats().pendingLogins == started)

                for _ in 0..<20 {
                    // Its own word counts for nothing, and of whoever comes without an address nothing is known.
                    #expect(try await Browser(client).get("/login").status == .seeOther)
                }
                let other: HTTPFields = [.forwardedFor: "2001:db8::1, 198.51.100.7"]
                #expect(try await Browser(client).get("/login", other).status == .seeOther)
                time.withLock { $0 += .seconds(12) }
                #expect(try await Browser(client).get("/login", attacker).status == .seeOther)
                #expect(try await Browser(client).get("/login", attacker).status == .tooManyRequests)
            }
        }
    }
}
