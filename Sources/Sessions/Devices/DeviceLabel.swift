/// A name for a device that its owner recognises in a list: "Firefox on Linux", "Safari on iPhone", "curl".
///
/// It says what the `User-Agent` says and no more: no versions, which change weekly, and no models. A `User-Agent` is
/// anybody's text, so the label is for people to look at and never for a decision.
public enum DeviceLabel {
    /// The label for a `User-Agent`; nil when nothing in it is known.
    ///
    /// It is one of a fixed set of texts. At most 512 bytes are looked at, each a bounded number of times.
    public static func of(userAgent: String) -> String? {
        let text = UserAgentText(userAgent)
        if let tool = tools.first(where: { text.hasPrefix($0.token) }) { return tool.name }
        let system = systems.first { text.contains($0.token) }?.name
        guard let browser = browser(text, system: system) else { return system.map { "Unknown browser on \($0)" } }
        return system.map { "\(browser) on \($0)" } ?? browser
    }

    private static func browser(_ text: UserAgentText, system: String?) -> String? {
        // The page is shown by an application, which says neither its own name nor a browser's.
        if system == "Android", text.contains("wv)") { return "App" }
        if let known = browsers.first(where: { text.contains($0.token) }) { return known.name }
        return text.contains("AppleWebKit/") && text.contains("Mobile/") ? "App" : nil
    }

    /// Programs that are no browsers; their name comes first.
    private static let tools: [(token: String, name: String)] = [
        ("curl/", "curl"), ("Wget/", "Wget"), ("HTTPie/", "HTTPie"), ("PostmanRuntime/", "Postman"),
        ("insomnia/", "Insomnia"), ("python-requests/", "Python"), ("python-httpx/", "Python"),
        ("Python-urllib/", "Python"), ("aiohttp/", "Python"), ("Go-http-client/", "Go"), ("okhttp/", "OkHttp"),
        ("axios/", "axios"), ("node-fetch", "Node.js"), ("node", "Node.js"), ("undici", "Node.js"), ("Java/", "Java"),
        ("Java-http-client/", "Java"), ("Apache-HttpClient/", "Java"), ("Ruby", "Ruby"), ("Dart/", "Dart"),
    ]

    /// The first that is found counts: most name the browsers that they want to be taken for as well.
    private static let browsers: [(token: String, name: String)] = [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("Edge/", "Edge"),
        ("OPR/", "Opera"), ("OPT/", "Opera"), ("OPiOS/", "Opera"), ("OPX/", "Opera"), ("Opera/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"), ("YaBrowser/", "Yandex Browser"),
        ("DuckDuckGo/", "DuckDuckGo"), ("Ddg/", "DuckDuckGo"), ("UCBrowser/", "UC Browser"),
        ("MiuiBrowser/", "Mi Browser"), ("HuaweiBrowser/", "Huawei Browser"), ("Silk/", "Silk"),
        ("Focus/", "Firefox Focus"), ("FxiOS/", "Firefox"), ("Seamonkey/", "SeaMonkey"), ("Firefox/", "Firefox"),
        ("GSA/", "Google app"), ("HeadlessChrome/", "Headless Chrome"), ("CriOS/", "Chrome"),
        ("Chromium/", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ("MSIE", "Internet Explorer"), ("Trident/", "Internet Explorer"),
    ]

    /// The first that is found counts: Android is a Linux, an iPhone is "like Mac OS X", and Windows Phone was both.
    private static let systems: [(token: String, name: String)] = [
        ("Windows Phone", "Windows Phone"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("iPod", "iPod"),
        ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"), ("Macintosh", "macOS"),
        ("Tizen", "Tizen"), ("FreeBSD", "FreeBSD"), ("OpenBSD", "OpenBSD"), ("Linux", "Linux"), ("X11", "Unix"),
    ]
}

/// The beginning of a `User-Agent`, for finding words in.
private struct UserAgentText {
    private static let maximumBytes = 512
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8.prefix(Self.maximumBytes))
    }

    func hasPrefix(_ token: String) -> Bool { bytes.starts(with: token.utf8) }

    /// Whether a token begins where a word does.
    func contains(_ token: String) -> Bool {
        let token = Array(token.utf8)
        guard let first = token.first, bytes.count >= token.count else { return false }
        for start in 0...(bytes.count - token.count) where bytes[start] == first {
            guard start == 0 || !Self.isLetterOrDigit(bytes[start - 1]) else { continue }
            if bytes[start...].starts(with: token) { return true }
        }
        return false
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
}
