import Sessions
import Testing

@Suite("The label of a device")
struct DeviceLabelTests {
    @Test("Real user agents get the name that their owner would give", arguments: agents)
    func real(expected: String?, agent: String) {
        #expect(DeviceLabel.of(userAgent: agent) == expected)
    }

    static let agents: [(String?, String)] = [
        ("Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        ("Firefox on Linux", "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"),
        ("Firefox on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"),
        ("Firefox on macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0"),
        ("Firefox on Android", "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0"),
        (
            "Firefox on iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                + "FxiOS/131.0 Mobile/15E148 Safari/605.1.15"
        ),
        (
            "Chrome on Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
                + "Safari/537.36"
        ),
        (
            "Chrome on macOS",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/130.0.0.0 Safari/537.36"
        ),
        (
            "Chrome on Linux",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
        ),
        (
            "Chrome on ChromeOS",
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
                + "Safari/537.36"
        ),
        (
            "Chrome on Android",
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile "
                + "Safari/537.36"
        ),
        (
            "Chrome on iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                + "CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1"
        ),
        (
            "Safari on iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                + "Version/17.6 Mobile/15E148 Safari/604.1"
        ),
        (
            "Safari on iPad",
            "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 "
                + "Mobile/15E148 Safari/604.1"
        ),
        (
            "Safari on macOS",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
                + "Safari/605.1.15"
        ),
        (
            "Edge on Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
                + "Safari/537.36 Edg/130.0.0.0"
        ),
        (
            "Edge on Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 "
                + "Safari/537.36 Edge/18.17763"
        ),
        (
            "Edge on Android",
            "Mozilla/5.0 (Linux; Android 10; Pixel 3 XL) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
                + "Mobile Safari/537.36 EdgA/130.0.0.0"
        ),
        (
            "Opera on Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 "
                + "Safari/537.36 OPR/115.0.0.0"
        ),
        (
            "Samsung Internet on Android",
            "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "SamsungBrowser/21.0 Chrome/110.0.5481.154 Mobile Safari/537.36"
        ),
        (
            "Vivaldi on Linux",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.114 "
                + "Safari/537.36 Vivaldi/4.0"
        ),
        ("Internet Explorer on Windows", "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko"),
        ("Internet Explorer on Windows", "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)"),
        (
            "App on Android",
            "Mozilla/5.0 (Linux; Android 12; Pixel 6 Build/SD1A.210817.023; wv) AppleWebKit/537.36 (KHTML, like "
                + "Gecko) Version/4.0 Chrome/94.0.4606.71 Mobile Safari/537.36"
        ),
        (
            "App on iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                + "Mobile/15E148"
        ),
        (
            "Edge on Windows Phone",
            "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like "
                + "Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.14977"
        ),
        (
            "Headless Chrome on Linux",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 "
                + "Safari/537.36"
        ),
        ("curl", "curl/8.5.0"), ("Wget", "Wget/1.21.4"), ("Python", "python-requests/2.32.3"),
        ("Go", "Go-http-client/2.0"), ("Postman", "PostmanRuntime/7.42.0"), ("Node.js", "node"),
        ("Unknown browser on Linux", "Mozilla/5.0 (X11; Linux x86_64) Something/1.0"),
        (nil, ""), (nil, "Mozilla/5.0"),
        (nil, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        (nil, "NotFirefox/1.0"), (nil, "\u{0}\u{1b}[31m"), (nil, "Фаерфокс"),
    ]

    @Test("Hostile text costs no more than its first 512 bytes, and never gets into the label")
    func hostile() {
        let clock = ContinuousClock()
        let texts = [
            String(repeating: "Chrome", count: 200_000), String(repeating: "C", count: 1_000_000),
            String(repeating: "e\u{301}", count: 500_000), String(repeating: "(((((", count: 200_000),
            String(repeating: " ", count: 1_000_000) + "Firefox/1.0",
        ]
        var labels: [String?] = []
        let duration = clock.measure { labels = texts.map { DeviceLabel.of(userAgent: $0) } }
        #expect(labels == [nil, nil, nil, nil, nil])
        #expect(duration < .seconds(2))
        let injected = "Firefox/1.0 (X11; Linux <script>alert(1)</script>\r\nSet-Cookie: a=b)"
        #expect(DeviceLabel.of(userAgent: injected) == "Firefox on Linux")
    }
}
