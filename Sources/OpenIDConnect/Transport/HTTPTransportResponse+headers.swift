extension HTTPTransportResponse {
    /// The media type in lower case, without parameters.
    var mediaType: String? {
        guard let type = header("Content-Type"), type.isPrintableASCII else { return nil }
        return type.split(separator: ";", maxSplits: 1).first.map { Self.trimmed($0).lowercased() }
    }

    /// The members of the body when it says that it is JSON, and is an object.
    func jsonObject(also otherType: String? = nil, limits: JSONReader.Limits = .foreign) -> [String: JSONValue]? {
        guard let mediaType, mediaType == "application/json" || mediaType == otherType else { return nil }
        return JSONReader.readObject(body, limits: limits)
    }

    /// `max-age` of `Cache-Control`; zero when the answer must not be kept; nil when it does not say.
    var maximumAge: Duration? {
        var age: Duration?
        // RFC 9110 section 5.3: several lines are one list.
        let lines = headers.filter { $0.name.hasSameASCIILetters(as: "Cache-Control") && $0.value.isPrintableASCII }
        for directive in lines.map(\.value).joined(separator: ",").lowercased().split(separator: ",") {
            let directive = Self.trimmed(directive)
            if directive == "no-store" || directive == "no-cache" { return .zero }
            if directive.hasPrefix("max-age=") {
                age = Self.seconds(directive.dropFirst(8).filter { $0 != "\"" }) ?? age
            }
        }
        return age
    }

    /// `Retry-After` in its form of seconds, capped at one hour; the form of a date is ignored.
    var retryAfter: Duration? {
        header("Retry-After").flatMap { Self.seconds(Self.trimmed($0[...])) }.map { min($0, .seconds(3600)) }
    }

    private static func seconds(_ text: String) -> Duration? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        // RFC 9111 section 1.2.2: a value too large to represent counts as 2^31.
        return .seconds(Int64(text) ?? 1 << 31)
    }

    /// Byte by byte: a Character at a time, from the end, takes hundreds of times as long for what a provider may send.
    private static func trimmed(_ text: Substring) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        guard let start = text.utf8.firstIndex(where: { !isSpace($0) }),
            let end = text.utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[start...end])
    }
}
